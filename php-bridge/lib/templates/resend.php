<form class="mfa-again" method="post" action="<?= $e($target->action) ?>">
  <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
  <input type="hidden" name="do" value="resend">
  <p class="mfa-hint"><?= $t('sent.missing') ?>
    <?= $resendAfter > 0 ? $t('sent.resend_after', ['seconds' => $resendAfter]) : '' ?></p>
  <button class="mfa-quiet" data-testid="resend-code"><?= $t('sent.resend') ?></button>
</form>
