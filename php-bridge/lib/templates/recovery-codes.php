<div class="mfa-form">
  <p class="mfa-intro"><?= $t('codes.intro') ?></p>
  <ol class="mfa-codes" data-testid="recovery-codes" aria-label="<?= $t('codes.list') ?>">
    <?php foreach ($codes as $code) : ?>
    <li><code data-testid="recovery-code"><?= $e($code) ?></code></li>
    <?php endforeach ?>
  </ol>
  <div class="mfa-row">
    <form method="post" action="<?= $e($download) ?>">
      <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
      <button class="mfa-button mfa-secondary" data-testid="download-codes"><?= $t('codes.download') ?></button>
    </form>
    <button type="button" class="mfa-button mfa-secondary" hidden data-testid="copy-codes"
      data-mfa-copy="<?= $e(implode("\n", $codes)) ?>" data-mfa-done="<?= $t('common.copied') ?>"
      data-mfa-failed="<?= $t('common.copy_failed') ?>"><?= $t('codes.copy') ?></button>
    <button type="button" class="mfa-button mfa-secondary" hidden data-testid="print-codes" data-mfa-print><?=
      $t('codes.print') ?></button>
  </div>
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <?php require __DIR__ . '/error.php' ?>
    <label class="mfa-check">
      <input type="checkbox" name="saved" value="1" data-testid="saved" required
        <?= $error === null ? '' : 'aria-invalid="true" aria-describedby="mfa-error" autofocus' ?>>
      <span><?= $t('codes.saved') ?></span>
    </label>
    <button class="mfa-button" data-testid="continue"><?= $t('codes.continue') ?></button>
  </form>
</div>
