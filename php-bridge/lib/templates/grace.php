<div class="mfa-form">
  <p class="mfa-intro"><?= $t('grace.intro', ['date' => $date($endsAt)]) ?></p>
  <p class="mfa-hint"><?= $t('grace.hint') ?></p>
  <a class="mfa-button" href="<?= $e($setUp) ?>" data-testid="set-up-now"
    data-grace-ends="<?= $e($endsAt->format(DATE_RFC3339)) ?>"><?= $t('grace.set_up') ?></a>
  <a class="mfa-button mfa-secondary" href="<?= $e($later) ?>" data-testid="later"><?= $t('grace.later') ?></a>
</div>
