<div class="card narrow">
  <h1><?= $t('step-up.title') ?></h1>
  <p><?= $t('step-up.intro') ?></p>
  <form class="mfa-form fields" method="post" action="/step-up">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <input type="hidden" name="username" value="<?= $e($account->name) ?>" autocomplete="username">
    <?php if ($error !== null) : ?>
    <p class="mfa-error" id="error" role="alert" data-testid="error"><?= $t($error) ?></p>
    <?php endif ?>
    <label for="password"><?= $t('sign-in.password') ?></label>
    <input id="password" name="password" data-testid="password" type="password" required autofocus
      autocomplete="current-password" <?= $error === null ? '' : 'aria-describedby="error"' ?>>
    <button class="mfa-button" data-testid="confirm-password"><?= $t('step-up.submit') ?></button>
  </form>
  <form class="mfa-form mfa-cancel" method="post" action="/step-up/cancel">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <button class="mfa-quiet" data-testid="cancel"><?= $t('code.cancel') ?></button>
  </form>
</div>
