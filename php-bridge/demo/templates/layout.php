<!DOCTYPE html>
<html lang="<?= $e($language) ?>">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title><?= $e($title) ?> · <?= $t('site.name') ?></title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/assets/mfa-sidecar.css">
  <link rel="stylesheet" href="/assets/site.css">
  <script src="/assets/mfa-sidecar.js" defer></script>
</head>
<body>
  <a class="skip" href="#content"><?= $t('site.skip') ?></a>
  <header class="site">
    <a class="brand" href="/">
      <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="9" fill="currentColor"/>
        <circle class="mark" cx="16" cy="8.5" r="2.75"/>
        <path class="mark" d="M16 11.5V25M11 15.5h10M7 18.5c0 4 4 6.5 9 6.5s9-2.5 9-6.5"/>
      </svg>
      <span><?= $t('site.name') ?></span>
    </a>
    <?php if ($account !== null) : ?>
    <nav>
      <a href="/security" data-testid="security-link"<?= $page === 'security' ? ' aria-current="page"' : '' ?>><?=
        $t('security.title') ?></a>
      <?php if ($account->isAdministrator()) : ?>
      <a href="/admin/mfa" data-testid="admin-link"<?= $page === 'admin' ? ' aria-current="page"' : '' ?>><?=
        $t('site.admin') ?></a>
      <?php endif ?>
      <span class="who" data-testid="signed-in-as"><?= $t('site.signed_in_as', ['user' => $account->displayName]) ?></span>
      <form method="post" action="/logout">
        <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
        <button class="plain" data-testid="sign-out"><?= $t('site.sign_out') ?></button>
      </form>
    </nav>
    <?php endif ?>
  </header>
  <main id="content" tabindex="-1" class="page-<?= $e($page) ?>" data-testid="page" data-page="<?= $e($page) ?>">
    <?php if ($notice !== null) : ?>
    <p class="notice" role="status" data-testid="notice"><?= $t($notice) ?></p>
    <?php endif ?>
<?= $content ?>
  </main>
  <footer><?= $t('site.tagline') ?> · <a href="/messages" data-testid="messages-link"><?= $t('messages.link') ?></a></footer>
</body>
</html>
