<div class="mfa-form" data-method="<?= $e($asked->method->value) ?>">
  <?php if ($asked->method->isSent() && $sent === null) : ?>
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="resend">
    <?php require __DIR__ . '/error.php' ?>
    <p class="mfa-intro"><?= $t($asked->method->value === 'sms' ? 'sent.offer_sms' : 'sent.offer_email', [
        'destination' => $asked->destination ?? '',
    ]) ?></p>
    <button class="mfa-button" data-testid="send-code"><?= $t('sent.send') ?></button>
  </form>
  <?php else : ?>
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="answer">
    <input type="hidden" name="method" value="<?= $e($asked->method->value) ?>">
    <p class="mfa-intro" id="mfa-code-hint"><?= $t($intro) ?></p>
    <label for="mfa-code"><?= $t($isPass ? 'pass.label' : 'code.label') ?></label>
    <?php require __DIR__ . '/error.php' ?>
    <?php $autofocus = true; require __DIR__ . '/code-input.php' ?>
    <?php if ($trustedDays > 0) : ?>
    <label class="mfa-check">
      <input type="checkbox" name="trust" value="1" data-testid="trust-device" aria-describedby="mfa-trust-hint">
      <span><?= $t('code.trust', ['count' => $trustedDays]) ?></span>
    </label>
    <p class="mfa-hint mfa-under-check" id="mfa-trust-hint"><?= $t('code.trust_hint') ?></p>
    <?php endif ?>
    <button class="mfa-button" data-testid="submit-code"><?= $t($isStepUp ? 'code.confirm' : 'code.submit') ?></button>
  </form>
  <?php if ($sent !== null) : ?>
      <?php $resendAfter = $sent->resendAfter; require __DIR__ . '/resend.php' ?>
  <?php endif ?>
  <?php endif ?>
  <?php if ($step->otherMethods() !== [] || $hasRecoveryCodes) : ?>
  <ul class="mfa-others">
    <?php foreach ($step->otherMethods() as $method) : ?>
    <li><form method="post" action="<?= $e($target->action) ?>">
      <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
      <input type="hidden" name="do" value="choose">
      <input type="hidden" name="method" value="<?= $e($method->method->value) ?>">
      <input type="hidden" name="authenticator" value="<?= $e($method->authenticatorId ?? '') ?>">
      <button class="mfa-quiet" data-testid="use-<?= $e(strtr($method->method->value, '_', '-')) ?>"
        data-authenticator="<?= $e($method->authenticatorId ?? '') ?>"><?= $t($wayOf($method)) ?></button>
    </form></li>
    <?php endforeach ?>
    <?php if ($hasRecoveryCodes) : ?>
    <li><a href="<?= $e($target->other) ?>" data-testid="use-recovery-code"><?= $t('code.use_recovery') ?></a></li>
    <?php endif ?>
  </ul>
  <?php endif ?>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
