<?php

/**
 * The settings page.
 *
 * @var \MfaSidecar\WordPress\Settings $settings
 * @var string $url of the page itself
 * @var string $serviceUrl
 * @var string $nonce
 * @var list<array{bool, string}> $notices
 * @var \MfaSidecar\Api\Policy|null $policy
 * @var string|null $policyError
 * @var array{bool, string}|null $rulesNotice
 * @var \MfaSidecar\Page\Messages $words
 * @var list<string> $methods
 * @var array<string, string> $roles
 */

declare(strict_types=1);

use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\WordPress\Settings;

defined('ABSPATH') || exit;

$choice = $policy === null ? null : PolicyChoice::of($policy);
$isFixed = $settings->isFixed(...);
$notice = static function (array $notice): void {
    [$isGood, $sentence] = $notice;
    printf(
        '<div class="notice inline %s" role="%s" data-testid="%s"><p>%s</p></div>',
        $isGood ? 'notice-success' : 'notice-error',
        $isGood ? 'status' : 'alert',
        $isGood ? 'notice' : 'error',
        esc_html($sentence),
    );
};
$fixed = static function (string $name): void {
    printf(
        '<p class="description">%s</p>',
        /* translators: %s: name of a constant */
        wp_kses(sprintf(__('Set by %s in wp-config.php.', 'mfa-sidecar'), '<code>' . esc_html(strtoupper($name)) . '</code>'), ['code' => []]),
    );
};
$keys = [
    Settings::BRIDGE_KEY => [
        __('Bridge key', 'mfa-sidecar'),
        __('A key with the role “bridge”. Logins use it and no other.', 'mfa-sidecar'),
        $settings->bridgeKey(),
    ],
    Settings::ADMIN_KEY => [
        __('Admin key', 'mfa-sidecar'),
        __('A key with the role “admin”, for this page, the list of users and users who are deleted.', 'mfa-sidecar'),
        $settings->adminKey(),
    ],
];
$modes = [
    PolicyMode::Disabled->value => __('Disabled', 'mfa-sidecar'),
    PolicyMode::Optional->value => __('Optional: who has set it up is asked', 'mfa-sidecar'),
    PolicyMode::Required->value => __('Required', 'mfa-sidecar'),
];
$lists = [
    'required' => [__('Required of these roles only', 'mfa-sidecar'), $policy?->requiredRoles ?? []],
    'exempt' => [__('Roles that need not', 'mfa-sidecar'), $policy?->exemptRoles ?? []],
];
?>
<div class="wrap" data-testid="page" data-page="settings">
  <h1><?php esc_html_e('Multi-Factor Authentication', 'mfa-sidecar'); ?></h1>

  <?php if ($policyError !== null) : ?>
      <?php $notice([false, $policyError]); ?>
  <?php endif ?>

  <?php if ($policy !== null) : ?>
  <h2><?php echo esc_html($words->text('admin.policy')); ?></h2>
      <?php if ($rulesNotice !== null) : ?>
          <?php $notice($rulesNotice); ?>
      <?php endif ?>
  <form method="post" action="<?php echo esc_url($url); ?>">
      <?php wp_nonce_field($nonce); ?>
    <input type="hidden" name="etag" value="<?php echo esc_attr($policy->etag ?? ''); ?>">
    <table class="form-table" role="presentation">
      <tr>
        <th scope="row"><label for="mfa-policy"><?php echo esc_html($words->text('admin.mode')); ?></label></th>
        <td>
          <select id="mfa-policy" name="policy" data-testid="policy-mode" aria-describedby="mfa-policy-hint">
            <?php if ($choice === null) : ?>
            <option value="" selected><?php echo esc_html($words->text('admin.choice.other')); ?></option>
            <?php endif ?>
            <?php foreach (PolicyChoice::cases() as $option) : ?>
            <option value="<?php echo esc_attr($option->value); ?>"<?php selected($option === $choice); ?>><?php
              echo esc_html($words->text("admin.choice.$option->value")); ?></option>
            <?php endforeach ?>
          </select>
          <button class="button button-primary" name="do" value="policy" data-testid="policy-save"><?php
            echo esc_html($words->text('admin.save')); ?></button>
          <p class="description" id="mfa-policy-hint"><?php echo esc_html($words->text('admin.mode_hint')); ?></p>
        </td>
      </tr>
    </table>
  </form>

  <details<?php echo $choice === null || ($rulesNotice !== null && !$rulesNotice[0]) ? ' open' : ''; ?>>
    <summary data-testid="rules-open"><strong><?php esc_html_e('More rules', 'mfa-sidecar'); ?></strong></summary>
    <form method="post" action="<?php echo esc_url($url); ?>" data-testid="rules">
      <?php wp_nonce_field($nonce); ?>
      <input type="hidden" name="etag" value="<?php echo esc_attr($policy->etag ?? ''); ?>">
      <table class="form-table" role="presentation">
        <tr>
          <th scope="row"><label for="mfa-mode"><?php echo esc_html($words->text('admin.mode')); ?></label></th>
          <td><select id="mfa-mode" name="mode" data-testid="rules-mode">
            <?php foreach ($modes as $mode => $label) : ?>
            <option value="<?php echo esc_attr($mode); ?>"<?php selected($mode, $policy->mode->value); ?>><?php
              echo esc_html($label); ?></option>
            <?php endforeach ?>
          </select></td>
        </tr>
        <tr>
          <th scope="row"><?php esc_html_e('Methods that count', 'mfa-sidecar'); ?></th>
          <td><fieldset>
            <legend class="screen-reader-text"><?php esc_html_e('Methods that count', 'mfa-sidecar'); ?></legend>
            <?php foreach ($methods as $method) : ?>
            <label><input type="checkbox" name="methods[]" value="<?php echo esc_attr($method); ?>"<?php
              checked(in_array($method, $policy->methods, true)); ?> data-testid="rules-method-<?php echo esc_attr($method); ?>">
                <?php echo esc_html($words->text("method.$method")); ?></label><br>
            <?php endforeach ?>
            <p class="description"><?php esc_html_e('NIST SP 800-63B calls text messages a restricted authenticator, to be used only where the risk is understood.', 'mfa-sidecar'); ?></p>
          </fieldset></td>
        </tr>
        <tr>
          <th scope="row"><label for="mfa-grace"><?php esc_html_e('Days of grace to set it up', 'mfa-sidecar'); ?></label></th>
          <td><input id="mfa-grace" class="small-text" name="grace_period_days" type="number" min="0" max="365" required
            data-testid="rules-grace-days" value="<?php echo esc_attr((string) $policy->gracePeriodDays); ?>"></td>
        </tr>
        <tr>
          <th scope="row"><label for="mfa-trusted"><?php esc_html_e('Days that a browser may be trusted', 'mfa-sidecar'); ?></label></th>
          <td><input id="mfa-trusted" class="small-text" name="trusted_device_days" type="number" min="0" max="365" required
            data-testid="rules-trusted-days" value="<?php echo esc_attr((string) $policy->trustedDeviceDays); ?>"></td>
        </tr>
        <?php foreach ($lists as $list => [$legend, $chosen]) : ?>
        <tr>
          <th scope="row"><?php echo esc_html($legend); ?></th>
          <td><fieldset>
            <legend class="screen-reader-text"><?php echo esc_html($legend); ?></legend>
            <?php foreach ($roles as $role => $name) : ?>
            <label><input type="checkbox" name="<?php echo esc_attr($list); ?>_roles[]" value="<?php echo esc_attr((string) $role); ?>"<?php
              checked(in_array((string) $role, $chosen, true)); ?> data-testid="rules-<?php echo esc_attr("$list-$role"); ?>">
                <?php echo esc_html($name); ?></label><br>
            <?php endforeach ?>
            <?php if (is_multisite()) : ?>
            <p class="description"><?php esc_html_e('A role on any site of the network counts.', 'mfa-sidecar'); ?></p>
            <?php endif ?>
          </fieldset></td>
        </tr>
        <?php endforeach ?>
        <tr>
          <th scope="row"><?php esc_html_e('What people may do themselves', 'mfa-sidecar'); ?></th>
          <td><label><input type="checkbox" name="self_service" value="1"<?php checked($policy->selfService); ?>
            data-testid="rules-self-service"> <?php
              esc_html_e('Set up, change and remove their own second step', 'mfa-sidecar'); ?></label></td>
        </tr>
        <tr>
          <th scope="row"><?php esc_html_e('Imported secrets', 'mfa-sidecar'); ?></th>
          <td><input type="hidden" name="replace_weak_secrets" value="0">
            <label><input type="checkbox" name="replace_weak_secrets" value="1"<?php checked($policy->replaceWeakSecrets); ?>
              data-testid="rules-replace-weak" aria-describedby="mfa-weak-hint"> <?php
                echo esc_html($words->text('admin.replace_weak')); ?></label>
            <p class="description" id="mfa-weak-hint"><?php echo esc_html($words->text('admin.replace_weak_hint')); ?></p></td>
        </tr>
      </table>
      <p><button class="button button-primary" name="do" value="rules" data-testid="rules-save"><?php
        esc_html_e('Save the rules', 'mfa-sidecar'); ?></button></p>
    </form>
  </details>
  <?php elseif ($rulesNotice !== null) : ?>
      <?php $notice($rulesNotice); ?>
  <?php endif ?>

  <h2><?php esc_html_e('Connection', 'mfa-sidecar'); ?></h2>
  <?php array_walk($notices, $notice); ?>
  <form method="post" action="<?php echo esc_url($url); ?>" autocomplete="off">
    <?php wp_nonce_field($nonce); ?>
    <table class="form-table" role="presentation">
      <tr>
        <th scope="row"><label for="mfa-url"><?php esc_html_e('Address of the service', 'mfa-sidecar'); ?></label></th>
        <td>
          <input id="mfa-url" class="regular-text code" name="<?php echo esc_attr(Settings::URL); ?>" type="text" spellcheck="false"
            value="<?php echo esc_attr($serviceUrl); ?>" placeholder="http://127.0.0.1:8787" data-testid="url"<?php
            disabled($isFixed(Settings::URL)); ?> aria-describedby="mfa-url-hint">
          <p class="description" id="mfa-url-hint"><?php
            esc_html_e('http://…, https://… or, on the same computer, unix:/path.sock', 'mfa-sidecar'); ?></p>
          <?php if ($isFixed(Settings::URL)) : ?>
              <?php $fixed(Settings::URL); ?>
          <?php endif ?>
        </td>
      </tr>
      <?php foreach ($keys as $name => [$label, $hint, $present]) : ?>
      <tr>
        <th scope="row"><label for="<?php echo esc_attr($name); ?>"><?php echo esc_html($label); ?></label></th>
        <td>
          <input id="<?php echo esc_attr($name); ?>" class="regular-text code" name="<?php echo esc_attr($name); ?>" type="password"
            value="" autocomplete="new-password" data-testid="<?php echo esc_attr(strtr($name, '_', '-')); ?>"<?php
            disabled($isFixed($name)); ?> aria-describedby="<?php echo esc_attr($name); ?>-hint">
          <p class="description" id="<?php echo esc_attr($name); ?>-hint"><?php echo esc_html($hint); ?>
            <?php $present === '' || $isFixed($name) || esc_html_e('One is stored; leave this empty to keep it.', 'mfa-sidecar'); ?></p>
          <?php if ($isFixed($name)) : ?>
              <?php $fixed($name); ?>
          <?php endif ?>
        </td>
      </tr>
      <?php endforeach ?>
      <tr>
        <th scope="row"><label for="mfa-application-passwords"><?php esc_html_e('Application passwords', 'mfa-sidecar'); ?></label></th>
        <td>
          <select id="mfa-application-passwords" name="<?php echo esc_attr(Settings::APPLICATION_PASSWORDS); ?>"
            data-testid="application-passwords"<?php disabled($isFixed(Settings::APPLICATION_PASSWORDS)); ?>
            aria-describedby="mfa-application-passwords-hint">
            <option value="allowed"<?php selected($settings->allowsApplicationPasswords()); ?>><?php
              esc_html_e('Allowed', 'mfa-sidecar'); ?></option>
            <option value="refused"<?php selected(!$settings->allowsApplicationPasswords()); ?>><?php
              esc_html_e('Refused', 'mfa-sidecar'); ?></option>
          </select>
          <p class="description" id="mfa-application-passwords-hint"><?php
            esc_html_e('They open the REST API and XML-RPC without a second step. The password of the account opens neither while a second step is asked for.', 'mfa-sidecar'); ?></p>
          <?php if ($isFixed(Settings::APPLICATION_PASSWORDS)) : ?>
              <?php $fixed(Settings::APPLICATION_PASSWORDS); ?>
          <?php endif ?>
        </td>
      </tr>
    </table>
    <p>
      <button class="button button-primary" name="do" value="connection" data-testid="connection-save"><?php
        esc_html_e('Save the connection', 'mfa-sidecar'); ?></button>
      <button class="button" name="do" value="test" data-testid="connection-test"><?php
        esc_html_e('Test connection', 'mfa-sidecar'); ?></button>
    </p>
  </form>
</div>
