<div class="card narrow">
  <h1><?= $t($title) ?></h1>
  <div class="mfa-form">
    <?php if ($code === null) : ?>
    <p><?= $t('issue.intro', ['user' => $account->displayName]) ?></p>
    <p><b><?= $t('remove.warning', ['user' => $account->displayName]) ?></b></p>
    <form method="post" action="/admin/mfa/pass">
      <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
      <input type="hidden" name="user" value="<?= $e($account->id) ?>">
      <button class="mfa-button" data-testid="issue-pass"><?= $t('issue.submit') ?></button>
    </form>
    <?php else : ?>
    <p><?= $t('issue.shown', ['user' => $account->displayName, 'time' => gmdate('H:i', $expiresAt->getTimestamp())]) ?></p>
    <p class="mfa-secret"><code data-testid="one-time-pass"><?= $e($code) ?></code></p>
    <button type="button" class="mfa-quiet" hidden data-mfa-copy="<?= $e($code) ?>" data-testid="copy-pass"
      data-mfa-done="<?= $t('common.copied') ?>" data-mfa-failed="<?= $t('common.copy_failed') ?>"><?=
      $t('codes.copy') ?></button>
    <?php endif ?>
    <a class="mfa-button mfa-secondary" href="/admin/mfa" data-testid="back-to-admin"><?= $t('issue.back') ?></a>
  </div>
</div>
