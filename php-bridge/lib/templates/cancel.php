<form class="mfa-cancel" method="post" action="<?= $e($target->cancel) ?>">
  <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
  <input type="hidden" name="do" value="cancel">
  <button class="mfa-quiet" data-testid="cancel"><?= $t('code.cancel') ?></button>
</form>
