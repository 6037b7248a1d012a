<?php $isSms = $setUp->method->value === 'sms'; ?>
<div class="mfa-form" data-method="<?= $e($setUp->method->value) ?>">
  <p class="mfa-intro"><?= $t($setUp->isReplacement ? 'setup.intro_replacement'
      : ($isSms ? 'setup.intro_sms' : 'setup.intro_email')) ?></p>
  <?php if ($setUp->knownDestination !== null) : ?>
  <form class="mfa-part" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="set-up-known">
    <input type="hidden" name="method" value="<?= $e($setUp->method->value) ?>">
    <?php if ($error !== null && $setUp->typed->destination === null) : ?>
        <?php require __DIR__ . '/error.php' ?>
    <?php endif ?>
    <p class="mfa-hint"><?= $t($isSms ? 'setup.known_sms' : 'setup.known_email') ?></p>
    <button class="mfa-button" data-testid="send-known"><?=
      $t('setup.send_to', ['destination' => $setUp->knownDestination]) ?></button>
  </form>
  <?php endif ?>
  <form class="mfa-part mfa-fields" method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="set-up">
    <input type="hidden" name="method" value="<?= $e($setUp->method->value) ?>">
    <?php $isHere = $error !== null && ($setUp->knownDestination === null || $setUp->typed->destination !== null); ?>
    <?php if ($isHere) : ?>
        <?php require __DIR__ . '/error.php' ?>
    <?php endif ?>
    <?php if ($isSms && $countries !== []) : ?>
    <label for="mfa-country"><?= $t('setup.country') ?></label>
    <select class="mfa-text" id="mfa-country" name="country" autocomplete="country" data-testid="country">
      <option value=""><?= $t('setup.country_none') ?></option>
      <?php foreach ($countries as $code => $name) : ?>
      <option value="<?= $e($code) ?>"<?= $code === $country ? ' selected' : '' ?>><?= $e($name) ?></option>
      <?php endforeach ?>
    </select>
    <?php endif ?>
    <label for="mfa-destination"><?= $t($setUp->knownDestination === null
        ? ($isSms ? 'setup.phone' : 'setup.email') : ($isSms ? 'setup.other_phone' : 'setup.other_email')) ?></label>
    <input class="mfa-text" id="mfa-destination" name="destination" data-testid="destination" required
      <?= $isSms ? 'type="tel" autocomplete="tel" maxlength="40"' : 'type="email" autocomplete="email" maxlength="254"' ?>
      value="<?= $e($setUp->typed->destination ?? '') ?>"
      <?= $isHere ? 'aria-invalid="true" aria-describedby="mfa-error" autofocus' : '' ?>>
    <button class="mfa-button<?= $setUp->knownDestination === null ? '' : ' mfa-secondary' ?>"
      data-testid="send-code"><?= $t('sent.send') ?></button>
  </form>
  <?php require __DIR__ . '/setup-others.php' ?>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
