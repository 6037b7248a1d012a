<div data-testid="home">
  <h1><?= $t('home.title', ['user' => $account->displayName]) ?></h1>
  <div class="columns">
    <section class="card">
      <p class="badge"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path
        d="M4 10.5l4 4 8-9" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"
        stroke-linejoin="round"/></svg><?= $t('home.signed_in') ?></p>
      <p><?= $t(in_array($by, ['password', 'totp', 'recovery_code', 'enrolled', 'one_time_pass'], true)
          ? "home.by.$by" : 'home.by.other') ?></p>
    </section>
    <?php if ($account->isAdministrator()) : ?>
    <section class="card" aria-labelledby="administration">
      <h2 id="administration"><?= $t('home.admin') ?></h2>
      <p><?= $t('home.admin_text') ?></p>
      <p><a class="mfa-button mfa-secondary inline" href="/admin/mfa"><?= $t('home.admin_link') ?></a></p>
    </section>
    <?php endif ?>
  </div>
</div>
