<?php if ($setUp->otherMethods() !== []) : ?>
<ul class="mfa-others">
  <?php foreach ($setUp->otherMethods() as $method) : ?>
  <li><form method="post" action="<?= $e($target->action) ?>">
    <input type="hidden" name="csrf" value="<?= $e($target->csrf->token()) ?>">
    <input type="hidden" name="do" value="choose">
    <input type="hidden" name="method" value="<?= $e($method->value) ?>">
    <button class="mfa-quiet" data-testid="set-up-<?= $e($method->value) ?>"><?=
      $t("setup.instead_$method->value") ?></button>
  </form></li>
  <?php endforeach ?>
</ul>
<?php endif ?>
