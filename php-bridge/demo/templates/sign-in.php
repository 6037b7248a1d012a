<div class="card narrow">
  <h1><?= $t('sign-in.title') ?></h1>
  <form class="mfa-form fields" method="post" action="/login">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <input type="hidden" name="return" value="<?= $e($return) ?>">
    <?php if ($error !== null) : ?>
    <p class="mfa-error" id="error" role="alert" data-testid="error"><?= $t($error) ?></p>
    <?php endif ?>
    <label for="username"><?= $t('sign-in.username') ?></label>
    <input id="username" name="username" data-testid="username" required autocomplete="username" autocapitalize="none"
      spellcheck="false" value="<?= $e($name) ?>" <?= $name === '' ? 'autofocus' : '' ?>
      <?= $error === null ? '' : 'aria-describedby="error"' ?>>
    <label for="password"><?= $t('sign-in.password') ?></label>
    <input id="password" name="password" data-testid="password" type="password" required
      autocomplete="current-password" <?= $name === '' ? '' : 'autofocus' ?>
      <?= $error === null ? '' : 'aria-describedby="error"' ?>>
    <button class="mfa-button" data-testid="sign-in"><?= $t('sign-in.submit') ?></button>
  </form>
  <p class="after"><a href="/"><?= $t('sign-in.who') ?></a></p>
</div>
