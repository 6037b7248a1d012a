<div class="mfa-form" data-method="totp">
  <p class="mfa-intro"><?= $t($setUp->isReplacement ? 'setup.intro_replacement' : 'setup.intro') ?></p>

  <section class="mfa-part" aria-labelledby="mfa-scan">
    <h2 id="mfa-scan"><?= $t('setup.scan') ?></h2>
    <p class="mfa-hint"><?= $t('setup.scan_hint') ?></p>
    <img class="mfa-qr" data-testid="qr" width="232" height="232" src="<?= $e($qr) ?>" alt="<?= $t('setup.qr_alt') ?>">
    <a class="mfa-button mfa-secondary" data-testid="otpauth-link"
      href="<?= $e($enrollment->otpauthUri) ?>"><?= $t('setup.open_app') ?></a>
    <div class="mfa-key">
      <p class="mfa-hint" id="mfa-key-hint"><?= $t('setup.manual') ?></p>
      <p class="mfa-secret"><code data-testid="secret" id="mfa-secret" aria-describedby="mfa-key-hint"
        data-secret="<?= $e($enrollment->secret) ?>"><?= $e($enrollment->groupedSecret()) ?></code></p>
      <button type="button" class="mfa-quiet" hidden data-testid="copy-secret"
        data-mfa-copy="<?= $e($enrollment->secret) ?>" data-mfa-done="<?= $t('common.copied') ?>"
        data-mfa-failed="<?= $t('common.copy_failed') ?>"><?= $t('setup.copy') ?></button>
    </div>
  </section>

  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="confirm">
    <label for="mfa-code"><?= $t('setup.enter') ?></label>
    <p class="mfa-hint" id="mfa-code-hint"><?= $t('setup.enter_hint') ?></p>
    <?php require __DIR__ . '/error.php' ?>
    <?php $autofocus = false; require __DIR__ . '/code-input.php' ?>
    <button class="mfa-button" data-testid="submit-code"><?= $t('setup.submit') ?></button>
  </form>
  <?php require __DIR__ . '/setup-others.php' ?>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
