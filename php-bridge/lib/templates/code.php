<div class="mfa-form">
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <p class="mfa-intro" id="mfa-code-hint"><?= $t('code.intro') ?></p>
    <label for="mfa-code"><?= $t('code.label') ?></label>
    <?php require __DIR__ . '/error.php' ?>
    <?php $autofocus = true; require __DIR__ . '/code-input.php' ?>
    <button class="mfa-button" data-testid="submit-code"><?= $t('code.submit') ?></button>
  </form>
  <?php if ($hasRecoveryCodes && $target->other !== null) : ?>
  <p class="mfa-other"><a href="<?= $e($target->other) ?>" data-testid="use-recovery-code"><?=
    $t('code.use_recovery') ?></a></p>
  <?php endif ?>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
