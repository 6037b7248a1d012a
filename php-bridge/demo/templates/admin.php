<p class="crumbs"><?= $t('site.admin') ?> <span aria-hidden="true">»</span></p>
<h1><?= $t('admin.title') ?></h1>
<section class="card" aria-labelledby="policy">
  <h2 id="policy"><?= $t('admin.policy') ?></h2>
  <form class="mfa-form fields" method="post" action="/admin/mfa/policy">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <input type="hidden" name="etag" value="<?= $e($policy->etag ?? '') ?>">
    <?php if ($error !== null) : ?>
    <p class="mfa-error" id="error" role="alert" data-testid="error"><?= $t($error) ?></p>
    <?php endif ?>
    <label for="policy-mode"><?= $t('admin.mode') ?></label>
    <div class="inline-fields">
      <select id="policy-mode" name="policy" data-testid="policy-mode" aria-describedby="policy-hint">
        <?php if ($choice === null) : ?>
        <option value="" selected><?= $t('admin.choice.other') ?></option>
        <?php endif ?>
        <?php foreach (\MfaSidecar\Api\PolicyChoice::cases() as $option) : ?>
        <option value="<?= $e($option->value) ?>"<?= $option === $choice ? ' selected' : '' ?>><?=
          $t("admin.choice.$option->value") ?></option>
        <?php endforeach ?>
      </select>
      <button class="mfa-button" data-testid="policy-save"><?= $t('admin.save') ?></button>
    </div>
    <p class="mfa-hint" id="policy-hint"><?= $t('admin.mode_hint') ?></p>
  </form>
</section>
<details class="card"<?= $choice === null || $rulesError !== null ? ' open' : '' ?>>
  <summary data-testid="rules-open"><h2><?= $t('rules.title') ?></h2></summary>
  <p class="note"><?= $t('rules.intro') ?></p>
  <form class="mfa-form fields rules" method="post" action="/admin/mfa/rules" data-testid="rules">
    <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
    <input type="hidden" name="etag" value="<?= $e($policy->etag ?? '') ?>">
    <?php if ($rulesError !== null) : ?>
    <p class="mfa-error" id="rules-error" role="alert" data-testid="error"><?= $t($rulesError) ?></p>
    <?php endif ?>
    <label for="rules-mode"><?= $t('admin.mode') ?></label>
    <select id="rules-mode" name="mode" data-testid="rules-mode">
      <?php foreach (\MfaSidecar\Api\PolicyMode::cases() as $mode) : ?>
      <option value="<?= $e($mode->value) ?>"<?= $mode === $policy->mode ? ' selected' : '' ?>><?=
        $t("rules.mode.$mode->value") ?></option>
      <?php endforeach ?>
    </select>
    <fieldset aria-describedby="rules-methods-hint">
      <legend><?= $t('rules.methods') ?></legend>
      <?php foreach ($methods as $method) : ?>
      <label class="mfa-check"><input type="checkbox" name="methods[]" value="<?= $e($method) ?>"
        data-testid="rules-method-<?= $e($method) ?>"<?= in_array($method, $policy->methods, true) ? ' checked' : '' ?>>
        <span><?= $t("method.$method") ?></span></label>
      <?php endforeach ?>
      <p class="mfa-hint" id="rules-methods-hint"><?= $t('rules.methods_hint') ?></p>
    </fieldset>
    <div class="pair">
      <div>
        <label for="rules-grace"><?= $t('rules.grace') ?></label>
        <input id="rules-grace" name="grace_period_days" type="number" min="0" max="365" required
          data-testid="rules-grace-days" value="<?= $e($policy->gracePeriodDays) ?>">
      </div>
      <div>
        <label for="rules-trusted"><?= $t('rules.trusted') ?></label>
        <input id="rules-trusted" name="trusted_device_days" type="number" min="0" max="365" required
          data-testid="rules-trusted-days" value="<?= $e($policy->trustedDeviceDays) ?>">
      </div>
    </div>
    <?php foreach (['required' => $policy->requiredRoles, 'exempt' => $policy->exemptRoles] as $list => $chosen) : ?>
    <fieldset>
      <legend><?= $t("rules.$list") ?></legend>
      <?php foreach ($roles as $role) : ?>
      <label class="mfa-check"><input type="checkbox" name="<?= $e($list) ?>_roles[]" value="<?= $e($role) ?>"
        data-testid="rules-<?= $e("$list-$role") ?>"<?= in_array($role, $chosen, true) ? ' checked' : '' ?>>
        <span><?= $t("welcome.role.$role") ?></span></label>
      <?php endforeach ?>
    </fieldset>
    <?php endforeach ?>
    <fieldset>
      <legend><?= $t('rules.people') ?></legend>
      <label class="mfa-check"><input type="checkbox" name="self_service" value="1" data-testid="rules-self-service"<?=
        $policy->selfService ? ' checked' : '' ?>>
        <span><?= $t('rules.self_service') ?></span></label>
    </fieldset>
    <fieldset aria-describedby="rules-weak-hint">
      <legend><?= $t('rules.imported') ?></legend>
      <input type="hidden" name="replace_weak_secrets" value="0">
      <label class="mfa-check"><input type="checkbox" name="replace_weak_secrets" value="1"
        data-testid="rules-replace-weak"<?= $policy->replaceWeakSecrets ? ' checked' : '' ?>>
        <span><?= $t('admin.replace_weak') ?></span></label>
      <p class="mfa-hint" id="rules-weak-hint"><?= $t('admin.replace_weak_hint') ?></p>
    </fieldset>
    <button class="mfa-button" data-testid="rules-save"><?= $t('rules.save') ?></button>
  </form>
</details>
<section class="card" aria-labelledby="users">
  <h2 id="users"><?= $t('users.title') ?></h2>
  <table class="users" data-testid="users">
    <thead>
      <tr>
        <th scope="col"><?= $t('users.name') ?></th>
        <th scope="col"><?= $t('users.state') ?></th>
        <th scope="col"><span class="visually-hidden"><?= $t('users.actions') ?></span></th>
      </tr>
    </thead>
    <tbody>
      <?php foreach ($accounts as $user) : ?>
          <?php
            $known = $roster->find($user->id);
            $enrolled = $known?->enrolled ?? false;
            $locked = $known?->isLocked($now) ?? false;
            ?>
      <tr data-testid="user-<?= $e($user->id) ?>">
        <th scope="row"><bdi><?= $e($user->displayName) ?></bdi> <bdi class="note"><?= $e($user->name) ?></bdi></th>
        <td>
          <span class="state <?= $enrolled ? 'on' : 'off' ?>" data-testid="state-<?= $e($user->id) ?>"
            data-state="<?= $enrolled ? 'enrolled' : 'not-enrolled' ?>"><?=
            $t($enrolled ? 'users.enrolled' : 'users.not_enrolled') ?></span>
          <?php if ($locked) : ?>
          <span class="state locked" data-testid="locked-<?= $e($user->id) ?>"><?=
            $known->isLockedForGood() ? $t('users.locked_for_good')
                : $t('users.locked', ['time' => $known->lockedUntil->format('H:i:s')]) ?></span>
          <?php endif ?>
        </td>
        <td class="actions">
          <?php if ($locked) : ?>
          <form method="post" action="/admin/mfa/unlock">
            <input type="hidden" name="csrf" value="<?= $e($csrf->token()) ?>">
            <input type="hidden" name="user" value="<?= $e($user->id) ?>">
            <button class="plain" data-testid="unlock-<?= $e($user->id) ?>"
              aria-label="<?= $t('users.unlock_for', ['user' => $user->displayName]) ?>"><?= $t('users.unlock') ?></button>
          </form>
          <?php endif ?>
          <?php if ($enrolled) : ?>
          <a class="plain" href="/admin/mfa/pass?user=<?= $e(rawurlencode($user->id)) ?>"
            data-testid="pass-<?= $e($user->id) ?>"
            aria-label="<?= $t('issue.for', ['user' => $user->displayName]) ?>"><?= $t('issue.link') ?></a>
          <a class="plain" href="/admin/mfa/remove?user=<?= $e(rawurlencode($user->id)) ?>"
            data-testid="remove-<?= $e($user->id) ?>"
            aria-label="<?= $t('users.remove_for', ['user' => $user->displayName]) ?>"><?= $t('users.remove') ?></a>
          <?php endif ?>
        </td>
      </tr>
      <?php endforeach ?>
    </tbody>
  </table>
</section>
