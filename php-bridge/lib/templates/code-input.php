<?php $isInvalid = $error !== null && !in_array($error->key, ['error.send_throttled', 'error.delivery'], true); ?>
<input class="mfa-code" id="mfa-code" name="code" data-testid="code" required
  type="text" autocomplete="one-time-code" spellcheck="false"
  <?= $isPass ?? false ? 'autocapitalize="characters" maxlength="64"'
      : 'inputmode="numeric" autocapitalize="off" maxlength="32"' ?>
  aria-describedby="<?= $error === null ? 'mfa-code-hint' : 'mfa-error mfa-code-hint' ?>"
  <?= $isInvalid ? 'aria-invalid="true"' : '' ?> <?= $error !== null || $autofocus ? 'autofocus' : '' ?>>
