<div data-testid="home">
  <h1><?= $t('home.title', ['user' => $account->displayName]) ?></h1>
  <div class="columns">
    <section class="card">
      <p class="badge"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path
        d="M4 10.5l4 4 8-9" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"
        stroke-linejoin="round"/></svg><?= $t('home.signed_in') ?></p>
      <p><?= $t(in_array($by, $ways, true) ? "home.by.$by" : 'home.by.other') ?></p>
    </section>
    <section class="card" aria-labelledby="account">
      <h2 id="account"><?= $t('home.account') ?></h2>
      <ul class="links">
        <li><a href="/security" data-testid="security"><?= $t('home.security') ?></a></li>
        <li><a href="/password" data-testid="password-link"><?= $t('password.title') ?></a></li>
        <li><a href="/export" data-testid="export-link"><?= $t('export.title') ?></a></li>
      </ul>
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
