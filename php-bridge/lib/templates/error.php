<?php if ($error !== null) : ?>
<p class="mfa-error" id="mfa-error" role="alert" data-testid="error"><?= $t($error) ?></p>
<?php endif ?>
