<input class="mfa-code" id="mfa-code" name="code" data-testid="code" required
  type="text" inputmode="numeric" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" maxlength="32"
  aria-describedby="<?= $error === null ? 'mfa-code-hint' : 'mfa-error mfa-code-hint' ?>"
  <?= $error === null ? '' : 'aria-invalid="true"' ?> <?= $error !== null || $autofocus ? 'autofocus' : '' ?>>
