<div class="mfa-form">
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="remove">
    <input type="hidden" name="authenticator" value="<?= $e($authenticator->id) ?>">
    <?php require __DIR__ . '/error.php' ?>
    <p class="mfa-intro"><?= $t('forget.intro', [
        'name' => $authenticator->name ?? $authenticator->destination ?? $authenticator->method,
    ]) ?></p>
    <?php if (count($user->authenticators) === 1 && !$user->required) : ?>
    <p><b><?= $t('forget.last') ?></b></p>
    <?php endif ?>
    <button class="mfa-button mfa-danger" data-testid="confirm-remove"><?= $t('forget.submit') ?></button>
  </form>
  <?php require __DIR__ . '/security-back.php' ?>
</div>
