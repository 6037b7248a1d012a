<div class="card narrow">
  <h1><?= $t('password.title') ?></h1>
  <form class="mfa-form fields" method="post" action="/password">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <input type="hidden" name="username" value="<?= $e($account->name) ?>" autocomplete="username">
    <?php if ($error !== null) : ?>
    <p class="mfa-error" id="error" role="alert" data-testid="error"><?= $t($error) ?></p>
    <?php endif ?>
    <label for="new-password"><?= $t('password.new') ?></label>
    <p class="mfa-hint" id="password-hint"><?= $t('password.hint') ?></p>
    <input id="new-password" name="new_password" data-testid="new-password" type="password" required minlength="8"
      autofocus autocomplete="new-password" aria-describedby="<?= $error === null ? '' : 'error ' ?>password-hint">
    <label for="new-password-again"><?= $t('password.again') ?></label>
    <input id="new-password-again" name="new_password_again" data-testid="new-password-again" type="password" required
      minlength="8" autocomplete="new-password" <?= $error === null ? '' : 'aria-describedby="error"' ?>>
    <button class="mfa-button" data-testid="change-password"><?= $t('password.submit') ?></button>
  </form>
  <p class="after"><a href="/security"><?= $t('security.back') ?></a></p>
</div>
