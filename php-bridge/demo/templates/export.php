<div class="card narrow">
  <h1><?= $t('export.title') ?></h1>
  <p><?= $t('export.intro') ?></p>
  <form class="mfa-form" method="post" action="/export">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <button class="mfa-button" data-testid="export-data"><?= $t('export.submit') ?></button>
  </form>
  <p class="after"><a href="/security"><?= $t('security.back') ?></a></p>
</div>
