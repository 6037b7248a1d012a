<div class="mfa-form">
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="renew-codes">
    <?php require __DIR__ . '/error.php' ?>
    <p class="mfa-intro"><?= $t('renew.intro') ?></p>
    <button class="mfa-button" data-testid="confirm-renew"><?= $t('renew.submit') ?></button>
  </form>
  <?php require __DIR__ . '/security-back.php' ?>
</div>
