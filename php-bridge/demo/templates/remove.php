<div class="card narrow">
  <h1><?= $t($title) ?></h1>
  <p><?= $t('remove.intro', ['user' => $account->displayName]) ?></p>
  <p><b><?= $t('remove.warning', ['user' => $account->displayName]) ?></b></p>
  <form class="mfa-form" method="post" action="/admin/mfa/remove">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <input type="hidden" name="user" value="<?= $e($account->id) ?>">
    <button class="mfa-button danger" data-testid="confirm-remove"><?= $t('remove.confirm') ?></button>
    <a class="mfa-button mfa-secondary" href="/admin/mfa" data-testid="cancel-remove"><?= $t('remove.cancel') ?></a>
  </form>
</div>
