<div class="mfa-form">
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="disable">
    <?php require __DIR__ . '/error.php' ?>
    <p class="mfa-intro"><?= $t('disable.intro') ?></p>
    <button class="mfa-button mfa-danger" data-testid="confirm-disable"><?= $t('disable.submit') ?></button>
  </form>
  <?php require __DIR__ . '/security-back.php' ?>
</div>
