<?php $isSms = $setUp->method->value === 'sms'; ?>
<div class="mfa-form" data-method="<?= $e($setUp->method->value) ?>">
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="confirm">
    <p class="mfa-intro" id="mfa-code-hint"><?= $t($isSms ? 'code.intro_sms' : 'code.intro_email', [
        'destination' => $enrollment->destination ?? '',
    ]) ?></p>
    <label for="mfa-code"><?= $t('code.label') ?></label>
    <?php require __DIR__ . '/error.php' ?>
    <?php $autofocus = true; require __DIR__ . '/code-input.php' ?>
    <button class="mfa-button" data-testid="submit-code"><?= $t('setup.submit') ?></button>
  </form>
  <?php $resendAfter = $enrollment->resendAfter ?? 0; require __DIR__ . '/resend.php' ?>
  <ul class="mfa-others">
    <li><form method="post" action="<?= $e($target->action) ?>">
      <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
      <input type="hidden" name="do" value="choose">
      <input type="hidden" name="method" value="<?= $e($setUp->method->value) ?>">
      <button class="mfa-quiet" data-testid="change-destination"><?=
        $t($isSms ? 'setup.change_phone' : 'setup.change_email') ?></button>
    </form></li>
  </ul>
  <?php require __DIR__ . '/setup-others.php' ?>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
