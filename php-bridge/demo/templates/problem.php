<div class="card narrow">
  <h1><?= $t($title) ?></h1>
  <p class="lead" role="alert" data-testid="error"><?= $t($text) ?></p>
  <p><a class="mfa-button mfa-secondary" href="<?= $e($next) ?>"><?= $t($nextKey) ?></a></p>
</div>
