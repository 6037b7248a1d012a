{crmScope extensionKey='mfasidecar'}
<div class="crm-block crm-form-block mfasidecar-admin">
  {foreach from=$problems item=problem}
    <p class="alert alert-warning" role="alert" data-testid="problem">{$problem|escape}</p>
  {/foreach}
  {if $error}
    <p class="alert alert-danger" role="alert" data-testid="error">{$error|escape}</p>
  {/if}
  {if $unreachable}
    <p class="alert alert-info" role="status" data-testid="unreachable">{$unreachable|escape}</p>
  {/if}
  <form method="post" action="{$action|escape}" autocomplete="off">
    <input type="hidden" name="csrf" value="{$token|escape}">
    {* The Enter key presses the first button of a form. *}
    <button name="do" value="save" class="sr-only" tabindex="-1" aria-hidden="true">{ts}Save{/ts}</button>
    {if $policy}
      <input type="hidden" name="etag" value="{$policy.etag|escape}">
      <table class="form-layout">
        <tr>
          <td class="label"><label for="mfa-policy">{ts}Multi-Factor Authentication{/ts}</label></td>
          <td>
            <select class="crm-form-select" id="mfa-policy" name="policy" data-testid="policy" aria-describedby="mfa-policy-hint">
              <option value="disabled" {if $policy.choice eq 'disabled'}selected{/if}>{ts}Disabled{/ts}</option>
              <option value="totp-required" {if $policy.choice eq 'totp-required'}selected{/if}>{ts}TOTP required{/ts}</option>
              <option value="custom" {if $policy.choice eq 'custom'}selected{/if}>{ts}Other rules (below){/ts}</option>
            </select>
            <div class="description" id="mfa-policy-hint">{ts}A change holds from the next login on. Who is signed in stays signed in.{/ts}</div>
          </td>
        </tr>
        {if $coverage}
          <tr>
            <td class="label">{ts}Coverage{/ts}</td>
            <td data-testid="coverage" data-users="{$coverage.users}" data-enrolled="{$coverage.enrolled}">
              {ts 1=$coverage.enrolled 2=$coverage.users}%1 of %2 active users have set up a second step.{/ts}
              {if $coverage.locked}{ts 1=$coverage.locked}Locked by wrong codes: %1.{/ts}{/if}
              <a href="{crmURL p='civicrm/admin/users'}">{ts}User accounts{/ts}</a>
            </td>
          </tr>
        {/if}
      </table>
      <details class="crm-accordion-bold" {if $policy.choice eq 'custom'}open{/if} data-testid="rules">
        <summary>{ts}Rules{/ts}</summary>
        <div class="crm-accordion-body">
          <fieldset>
            <legend>{ts}With “Other rules”{/ts}</legend>
            <label><input type="radio" name="mode" value="optional" {if $policy.mode eq 'optional'}checked{/if}> {ts}Optional: who has set up a second step is asked for it{/ts}</label><br>
            <label><input type="radio" name="mode" value="required" {if $policy.mode eq 'required'}checked{/if}> {ts}Required: everybody sets one up, or the roles chosen below{/ts}</label>
            <p>
              {foreach from=$methods key=method item=label}
                <label class="mfasidecar-inline"><input type="checkbox" name="methods[]" value="{$method}" data-testid="method-{$method}" {if in_array($method, $policy.methods)}checked{/if}>
                  {$label|escape}</label>
              {/foreach}
            </p>
            <div class="description">{ts}Codes by e-mail are no stronger than the mailbox, and text messages can be redirected by the phone company: NIST SP 800-63B-4 does not accept the former and restricts the latter. Offer an app beside them.{/ts}</div>
          </fieldset>
          <table class="form-layout">
            <tr>
              <td class="label"><label for="mfa-grace">{ts}Days of grace{/ts}</label></td>
              <td><input class="crm-form-text four" id="mfa-grace" type="number" min="0" max="365" name="grace_period_days" value="{$policy.grace|escape}">
                <div class="description">{ts}For so long people can go on without a second step that is required; 0: it is set up at the next login.{/ts}</div></td>
            </tr>
            <tr>
              <td class="label"><label for="mfa-trusted">{ts}Days that a browser can be trusted{/ts}</label></td>
              <td><input class="crm-form-text four" id="mfa-trusted" type="number" min="0" max="365" name="trusted_device_days" value="{$policy.trusted|escape}">
                <div class="description">{ts}0: never. It takes the place of CiviCRM's own “Remember this device”, and each person can end it.{/ts}</div></td>
            </tr>
            <tr>
              <td class="label">{ts}Required for these roles only{/ts}</td>
              <td>{foreach from=$roles key=role item=label}
                <label class="mfasidecar-inline"><input type="checkbox" name="required_roles[]" value="{$role|escape}" {if in_array($role, $policy.required)}checked{/if}> {$label|escape}</label>
              {/foreach}
              <div class="description">{ts}None: it holds for everybody.{/ts}</div></td>
            </tr>
            <tr>
              <td class="label">{ts}Not required for these roles{/ts}</td>
              <td>{foreach from=$roles key=role item=label}
                <label class="mfasidecar-inline"><input type="checkbox" name="exempt_roles[]" value="{$role|escape}" {if in_array($role, $policy.exempt)}checked{/if}> {$label|escape}</label>
              {/foreach}
              <div class="description">{ts}Required wins where somebody has both.{/ts}</div></td>
            </tr>
            <tr>
              <td class="label"><label for="mfa-self">{ts}Self-service{/ts}</label></td>
              <td><input type="checkbox" id="mfa-self" name="self_service" value="1" {if $policy.selfService}checked{/if}>
                {ts}People may change their own second step under My Account{/ts}</td>
            </tr>
            <tr>
              <td class="label">{ts}Imported secrets{/ts}</td>
              <td><input type="hidden" name="replace_weak_secrets" value="0">
                <label><input type="checkbox" name="replace_weak_secrets" value="1" data-testid="replace-weak" aria-describedby="mfa-weak-hint" {if $policy.replaceWeak}checked{/if}>
                  {$weak.label|escape}</label>
                <div class="description" id="mfa-weak-hint">{$weak.hint|escape}</div></td>
            </tr>
          </table>
        </div>
      </details>
    {/if}
    <details class="crm-accordion-bold" {if !$policy || $results}open{/if} data-testid="connection">
      <summary>{ts}Connection{/ts}</summary>
      <div class="crm-accordion-body">
        <table class="form-layout">
          <tr>
            <td class="label"><label for="mfa-url">{ts}Address of the service{/ts}</label></td>
            <td>{if $isUrlFixed}<code>{$serviceUrl|escape}</code> {ts}(set in civicrm.settings.php){/ts}{else}
              <input class="crm-form-text huge" id="mfa-url" name="mfasidecar_url" value="{$serviceUrl|escape}" placeholder="http://127.0.0.1:8787" data-testid="url">{/if}</td>
          </tr>
          {foreach from=$keys key=name item=key}
            <tr>
              <td class="label"><label for="{$name}">{if $name eq 'mfasidecar_admin_key'}{ts}Key for administration{/ts}{else}{ts}Key for logins{/ts}{/if}</label></td>
              <td>{if $key.fixed}{ts}(set in civicrm.settings.php){/ts}{else}
                <input class="crm-form-text huge" type="password" id="{$name}" name="{$name}" value="" autocomplete="new-password" data-testid="{$name}"
                  placeholder="{if $key.set}{ts}A key is set. Leave this empty to keep it.{/ts}{/if}">{/if}
                <div class="description">{if $name eq 'mfasidecar_admin_key'}{ts}Role “admin”. Read only by this page, by what administrators do with users, and when a user is deleted.{/ts}{else}{ts}Role “bridge”, and no other: the login page has it.{/ts}{/if}</div></td>
            </tr>
          {/foreach}
        </table>
        <ul class="mfasidecar-results" role="status" data-testid="results">
          {foreach from=$results item=result}
            <li class="alert {if $result.ok}alert-success{else}alert-danger{/if}" data-ok="{if $result.ok}1{else}0{/if}">{$result.text|escape}</li>
          {/foreach}
        </ul>
        <button class="btn btn-secondary crm-button" name="do" value="test" formnovalidate data-testid="test">{ts}Test connection{/ts}</button>
      </div>
    </details>
    <div class="crm-submit-buttons">
      <button class="btn btn-primary crm-button" name="do" value="save" data-testid="save"><i class="crm-i fa-check" role="img" aria-hidden="true"></i> {ts}Save{/ts}</button>
    </div>
  </form>
</div>
{/crmScope}
