<div class="hero">
  <h1><?= $t('welcome.title') ?></h1>
  <p class="lead"><?= $t('welcome.intro') ?></p>
  <p><a class="mfa-button inline" href="/login" data-testid="go-to-sign-in"><?= $t('welcome.sign_in') ?></a></p>
</div>
<div class="columns">
  <section class="card" aria-labelledby="tour">
    <h2 id="tour"><?= $t('welcome.tour') ?></h2>
    <ol class="tour">
      <?php foreach (['1', '2', '3', '4'] as $number) : ?>
      <li><?= strtr($t("welcome.tour.$number"), [
          '{admin}' => '<b>admin</b>',
          '{alice}' => '<b>alice</b>',
          '{page}' => '<b>' . $t('site.admin') . '&nbsp;» ' . $t('admin.title') . '</b>',
          '{choice}' => '<b>' . $t('admin.choice.totp-required') . '</b>',
      ]) ?></li>
      <?php endforeach ?>
    </ol>
  </section>
  <section class="card" aria-labelledby="users">
    <h2 id="users"><?= $t('welcome.users') ?></h2>
    <table>
      <thead>
        <tr>
          <th scope="col"><?= $t('welcome.user') ?></th>
          <th scope="col"><?= $t('welcome.password') ?></th>
          <th scope="col"><?= $t('welcome.role') ?></th>
        </tr>
      </thead>
      <tbody>
        <?php foreach (['admin' => 'administrator', 'alice' => 'member', 'bob' => 'member'] as $name => $role) : ?>
        <tr>
          <td><code><?= $e($name) ?></code></td>
          <td><code><?= $e($name) ?>-demo</code></td>
          <td><?= $t("welcome.role.$role") ?></td>
        </tr>
        <?php endforeach ?>
      </tbody>
    </table>
    <p class="note"><?= $t('welcome.users_note') ?></p>
  </section>
</div>
