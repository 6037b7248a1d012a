<div class="mfa-form">
  <form class="mfa-part mfa-fields" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="rename">
    <input type="hidden" name="authenticator" value="<?= $e($authenticator->id) ?>">
    <?php require __DIR__ . '/error.php' ?>
    <label for="mfa-name"><?= $t('rename.label') ?></label>
    <p class="mfa-hint" id="mfa-name-hint"><?= $t('rename.hint') ?></p>
    <input class="mfa-text" id="mfa-name" name="name" type="text" maxlength="100" required autofocus autocomplete="off"
      data-testid="name" value="<?= $e($authenticator->name ?? '') ?>"
      aria-describedby="<?= $error === null ? 'mfa-name-hint' : 'mfa-error mfa-name-hint' ?>"
      <?= $error === null ? '' : 'aria-invalid="true"' ?>>
    <button class="mfa-button" data-testid="save-name"><?= $t('rename.submit') ?></button>
  </form>
  <?php require __DIR__ . '/security-back.php' ?>
</div>
