<?php use MfaSidecar\Flow\View; ?>
<div class="mfa-form mfa-security">
  <?php require __DIR__ . '/error.php' ?>
  <section class="mfa-part" aria-labelledby="mfa-state">
    <h2 id="mfa-state" class="<?= $user->enrolled ? 'mfa-on' : 'mfa-off' ?>" data-testid="mfa-state"
      data-state="<?= $user->enrolled ? 'on' : 'off' ?>"><?= $t($user->enrolled ? 'security.on' : 'security.off_state') ?></h2>
    <p class="mfa-hint"><?= $t($user->enrolled ? 'security.on_hint' : 'security.off_hint') ?>
      <?= $user->required ? $t('security.required') : '' ?></p>
    <?php if ($step->isOff) : ?>
    <p data-testid="self-service-off"><?= $t('security.off') ?></p>
    <?php endif ?>
    <?php if ($user->authenticators !== []) : ?>
    <ul class="mfa-list" data-testid="authenticators" aria-label="<?= $t('security.ways') ?>">
      <?php foreach ($user->authenticators as $way) : ?>
          <?php
            $isKnown = in_array($way->method, ['totp', 'email', 'sms', 'webauthn'], true);
            $method = $isKnown ? "method.$way->method" : 'method.other';
            ?>
      <li data-testid="authenticator" data-id="<?= $e($way->id) ?>" data-method="<?= $e($way->method) ?>">
        <div>
          <b data-testid="authenticator-name"><bdi><?= $way->name === null ? $t($method) : $e($way->name) ?></bdi></b>
          <?php if (count($user->enrolledMethods()) > 1 && $way->method === $user->preferredMethod) : ?>
          <span class="mfa-badge" data-testid="preferred"><?= $t('security.preferred_badge') ?></span>
          <?php endif ?>
          <?php if ($way->destination !== null || ($way->name !== null && $e($way->name) !== $t($method))) : ?>
          <span class="mfa-hint"><?= $t($method) ?><?= $way->destination === null ? ''
              : ', <bdi>' . $e($way->destination) . '</bdi>' ?></span>
          <?php endif ?>
          <span class="mfa-hint"><?= $t('security.created', ['date' => $date($way->createdAt)]) ?>,
            <?= $way->lastUsedAt === null ? $t('security.never_used')
                : $t('security.last_used', ['date' => $date($way->lastUsedAt)]) ?></span>
        </div>
        <?php if (!$step->isOff) : ?>
        <div class="mfa-actions">
          <a href="<?= $e($url(View::Rename, ['authenticator' => $way->id])) ?>" data-testid="rename"
            aria-label="<?= $t('security.rename_for', ['name' => $way->name ?? '']) ?>"><?= $t('security.rename') ?></a>
          <a href="<?= $e($url(View::Remove, ['authenticator' => $way->id])) ?>" data-testid="remove"
            aria-label="<?= $t('security.remove_for', ['name' => $way->name ?? '']) ?>"><?= $t('security.remove') ?></a>
        </div>
        <?php endif ?>
      </li>
      <?php endforeach ?>
    </ul>
    <?php endif ?>
    <?php if ($canAdd) : ?>
    <p><a class="mfa-button<?= $user->enrolled ? ' mfa-secondary' : '' ?>" href="<?= $e($url(View::Add)) ?>"
      data-testid="add-authenticator"><?= $t($user->enrolled ? 'security.add' : 'security.set_up') ?></a></p>
    <?php endif ?>
  </section>

  <?php if (!$step->isOff && count($user->enrolledMethods()) > 1) : ?>
  <form class="mfa-part mfa-fields" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="prefer">
    <label for="mfa-preferred"><?= $t('security.preferred') ?></label>
    <div class="mfa-row">
      <select class="mfa-text" id="mfa-preferred" name="method" data-testid="preferred-method">
        <?php foreach ($user->enrolledMethods() as $method) : ?>
        <option value="<?= $e($method) ?>"<?= $method === $user->preferredMethod ? ' selected' : '' ?>><?=
          $t(in_array($method, ['totp', 'email', 'sms', 'webauthn'], true) ? "method.$method" : 'method.other') ?></option>
        <?php endforeach ?>
      </select>
      <button class="mfa-button mfa-secondary" data-testid="save-preferred"><?= $t('security.save') ?></button>
    </div>
  </form>
  <?php endif ?>

  <?php if ($user->enrolled) : ?>
  <section class="mfa-part" aria-labelledby="mfa-recovery">
    <h2 id="mfa-recovery"><?= $t('security.codes') ?></h2>
    <p class="mfa-hint"><?= $t('security.codes_hint') ?>
      <span data-testid="recovery-codes-left" data-count="<?= $e($user->recoveryCodesRemaining) ?>"><?=
        $t('security.codes_left', ['count' => $user->recoveryCodesRemaining]) ?></span>
      <?= $user->recoveryCodesRemaining <= 3 && !$step->isOff ? '<b data-testid="recovery-codes-few">'
          . $t('security.codes_few') . '</b>' : '' ?></p>
    <?php if (!$step->isOff) : ?>
    <p><a class="mfa-button mfa-secondary" href="<?= $e($url(View::RecoveryCodes)) ?>" data-testid="renew-codes"><?=
      $t('security.codes_renew') ?></a></p>
    <?php endif ?>
  </section>

  <section class="mfa-part" aria-labelledby="mfa-devices">
    <h2 id="mfa-devices"><?= $t('security.devices') ?></h2>
    <?php if ($user->trustedDevices === []) : ?>
    <p class="mfa-hint" data-testid="no-trusted-devices"><?= $t('security.no_devices') ?></p>
    <?php else : ?>
    <p class="mfa-hint"><?= $t('security.devices_hint') ?></p>
    <ul class="mfa-list" data-testid="trusted-devices">
      <?php foreach ($user->trustedDevices as $device) : ?>
          <?php $name = $device->name === '' ? $t('security.device_unknown') : $e($device->name); ?>
      <li data-testid="trusted-device" data-id="<?= $e($device->id) ?>">
        <div>
          <b><bdi><?= $name ?></bdi></b>
          <span class="mfa-hint"><?= $t('security.device_times', [
              'created' => $date($device->createdAt),
              'expires' => $date($device->expiresAt),
          ]) ?><?= $device->lastUsedAt === null ? '' : ', ' . $t('security.last_used', [
              'date' => $date($device->lastUsedAt),
          ]) ?></span>
        </div>
        <form class="mfa-actions" method="post" action="<?= $e($target->action) ?>">
          <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
          <input type="hidden" name="do" value="forget">
          <input type="hidden" name="device" value="<?= $e($device->id) ?>">
          <button class="mfa-quiet" data-testid="forget-device" aria-label="<?= $t('security.forget_for', [
              'name' => $device->name,
          ]) ?>"><?= $t('security.forget') ?></button>
        </form>
      </li>
      <?php endforeach ?>
    </ul>
    <form method="post" action="<?= $e($target->action) ?>">
      <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
      <input type="hidden" name="do" value="forget-all">
      <button class="mfa-button mfa-secondary" data-testid="forget-all-devices"><?= $t('security.forget_all') ?></button>
    </form>
    <?php endif ?>
  </section>
  <?php endif ?>

  <?php if ($user->enrolled && !$step->isOff) : ?>
  <section class="mfa-part" aria-labelledby="mfa-disable">
    <h2 id="mfa-disable"><?= $t('security.disable') ?></h2>
    <?php if ($user->required) : ?>
    <p class="mfa-hint" data-testid="disable-refused"><?= $t('security.disable_required') ?></p>
        <?php if ($canAdd) : ?>
    <p><a class="mfa-button mfa-secondary" href="<?= $e($url(View::Add)) ?>" data-testid="replace"><?=
      $t('security.replace') ?></a></p>
        <?php endif ?>
    <?php else : ?>
    <p class="mfa-hint"><?= $t('disable.intro') ?></p>
    <p><a class="mfa-button mfa-danger" href="<?= $e($url(View::Disable)) ?>" data-testid="disable"><?=
      $t('security.disable') ?></a></p>
    <?php endif ?>
  </section>
  <?php endif ?>
</div>
