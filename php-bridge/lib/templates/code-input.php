<input class="mfa-code" id="mfa-code" name="code" data-testid="code" required
  type="text" autocomplete="one-time-code" spellcheck="false"
  <?= $isPass ?? false ? 'autocapitalize="characters" maxlength="64"'
      : 'inputmode="numeric" autocapitalize="off" maxlength="32"' ?>
  aria-describedby="<?= $error === null ? 'mfa-code-hint' : 'mfa-error mfa-code-hint' ?>"
  <?= $error === null ? '' : 'aria-invalid="true"' ?> <?= $error !== null || $autofocus ? 'autofocus' : '' ?>>
