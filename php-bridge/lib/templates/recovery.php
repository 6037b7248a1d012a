<div class="mfa-form">
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="answer">
    <input type="hidden" name="method" value="recovery_code">
    <p class="mfa-intro" id="mfa-code-hint"><?= $t('recovery.intro') ?>
      <?= $remaining === null ? '' : $t('recovery.remaining', ['count' => $remaining]) ?></p>
    <label for="mfa-recovery-code"><?= $t('recovery.label') ?></label>
    <?php require __DIR__ . '/error.php' ?>
    <input class="mfa-code" id="mfa-recovery-code" name="code" data-testid="recovery-code-input" required autofocus
      type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="64"
      aria-describedby="<?= $error === null ? 'mfa-code-hint' : 'mfa-error mfa-code-hint' ?>"
      <?= $error === null ? '' : 'aria-invalid="true"' ?>>
    <button class="mfa-button" data-testid="submit-code"><?= $t($isStepUp ? 'code.confirm' : 'recovery.submit') ?></button>
  </form>
  <?php if ($target->other !== null) : ?>
  <p class="mfa-other"><a href="<?= $e($target->other) ?>" data-testid="use-app-code"><?=
    $t($hasApp ? 'recovery.use_app' : 'recovery.use_other') ?></a></p>
  <?php endif ?>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
