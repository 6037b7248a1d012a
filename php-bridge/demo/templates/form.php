<div class="card narrow">
  <?php if ($step !== null) : ?>
  <p class="step"><span><?= $t('setup.step', ['number' => $step, 'total' => 2]) ?></span>
    <progress max="2" value="<?= $e($step) ?>" aria-hidden="true"></progress></p>
  <?php endif ?>
  <h1><?= $t($title) ?></h1>
  <?= $html ?>
</div>
