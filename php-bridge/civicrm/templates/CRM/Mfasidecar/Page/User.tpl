{crmScope extensionKey='mfasidecar'}
<div class="crm-block crm-content-block mfasidecar-admin">
  {if $error}
    <p class="alert alert-danger" role="alert" data-testid="error">{$error|escape}</p>
  {/if}
  {if $pass}
    <div class="alert alert-success" role="status">
      <p>{ts 1=$username|escape}The one-time pass for %1, shown only now. Give it to nobody else:{/ts}</p>
      <p><code class="mfasidecar-pass" data-testid="pass">{$pass.code|escape}</code></p>
      <p>{ts 1=$pass.until|escape}It opens one login until %1; after it a new second step is set up.{/ts}</p>
    </div>
  {/if}
  {if $user}
    {if $user.authenticators}
      <table class="row-highlight" data-testid="authenticators">
        <thead><tr><th>{ts}Method{/ts}</th><th>{ts}Name{/ts}</th><th>{ts}Set up{/ts}</th><th>{ts}Last used{/ts}</th></tr></thead>
        <tbody>
          {foreach from=$user.authenticators item=way}
            <tr><td>{$way.method|escape}</td><td><bdi>{$way.name|escape}</bdi></td><td>{$way.created|escape}</td><td>{$way.used|escape}</td></tr>
          {/foreach}
        </tbody>
      </table>
      <p>{ts 1=$user.recoveryCodes 2=$user.trustedBrowsers}Recovery codes left: %1. Trusted browsers: %2.{/ts}</p>
    {else}
      <p data-testid="nothing">{ts}This user has not set up a second step.{/ts}</p>
    {/if}
    {if $user.locked}
      <form method="post" action="{$action|escape}">
        <input type="hidden" name="csrf" value="{$token|escape}">
        <p>{ts}Too many wrong codes have locked this user.{/ts}</p>
        <button class="btn btn-primary crm-button" name="do" value="unlock" data-testid="unlock">{ts}Unlock{/ts}</button>
      </form>
    {/if}
    {if $user.authenticators}
      <form method="post" action="{$action|escape}" class="mfasidecar-danger">
        <input type="hidden" name="csrf" value="{$token|escape}">
        <h3>{ts}Lost the phone?{/ts}</h3>
        <p>{ts}Apps, recovery codes and trusted browsers stop working at once. Where a second step is required, it is set up again at the next login. Make sure that it is really this person who asked you: until then the password alone protects the account.{/ts}</p>
        <button class="btn btn-danger crm-button" name="do" value="remove" data-testid="remove">{ts}Remove authenticator{/ts}</button>
        <button class="btn btn-secondary crm-button" name="do" value="pass" data-testid="pass-button">{ts}Issue a one-time pass instead{/ts}</button>
      </form>
    {/if}
  {/if}
  <p><a href="{crmURL p='civicrm/admin/users'}">{ts}Back to the user accounts{/ts}</a></p>
</div>
{/crmScope}
