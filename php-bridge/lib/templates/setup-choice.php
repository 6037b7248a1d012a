<div class="mfa-form">
  <p class="mfa-intro"><?= $t($setUp->isReplacement ? 'setup.choice_replacement' : 'setup.choice_intro') ?></p>
  <?php require __DIR__ . '/error.php' ?>
  <ul class="mfa-choices">
    <?php foreach ($setUp->methods as $method) : ?>
    <li><form method="post" action="<?= $e($target->action) ?>">
      <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
      <input type="hidden" name="do" value="choose">
      <input type="hidden" name="method" value="<?= $e($method->value) ?>">
      <button class="mfa-button mfa-secondary mfa-choice" data-testid="set-up-<?= $e($method->value) ?>">
        <b><?= $t("method.$method->value") ?></b>
        <span class="mfa-hint"><?= $t("setup.about_$method->value") ?></span>
      </button>
    </form></li>
    <?php endforeach ?>
  </ul>
  <?php require __DIR__ . '/cancel.php' ?>
</div>
