{crmScope extensionKey='mfasidecar'}
<div class="standalone-auth-form mfasidecar-page">
  <div class="standalone-auth-box mfasidecar">
    {include file='CRM/common/logo.tpl'}
    {$statusMessages nofilter}
    <h1>{$heading|escape}</h1>
    {if $notice|default:false}
      <p class="alert alert-warning" role="alert" data-testid="notice">{$notice|escape}</p>
    {/if}
    {if $blocked}
      <p class="alert alert-danger" role="alert" data-testid="blocked">{$blocked|escape}</p>
      {if $again}
        <p><a class="btn crm-button" href="{$again|escape}">{ts}Try again{/ts}</a></p>
      {/if}
    {elseif $asksPassword|default:false}
      {if $error}<p class="alert alert-danger" id="mfasidecar-error" role="alert" data-testid="error">{$error|escape}</p>{/if}
      <p>{ts}This changes how your account is protected, so please enter your password once more.{/ts}</p>
      <form method="post" action="{$action|escape}">
        <input type="hidden" name="csrf" value="{$token|escape}">
        <input type="hidden" name="do" value="password">
        <div class="input-wrapper">
          <label for="mfasidecar-password" class="form-label">{ts}Password{/ts}</label>
          <input type="password" class="form-control crm-form-text" id="mfasidecar-password" name="password" required
            autofocus autocomplete="current-password" data-testid="password"
            {if $error}aria-invalid="true" aria-describedby="mfasidecar-error"{/if}>
        </div>
        <button type="submit" class="btn btn-primary crm-button" data-testid="submit-password">{ts}Continue{/ts}</button>
        <a class="btn crm-button" href="{$back|escape}">{ts}Cancel{/ts}</a>
      </form>
    {else}
      <div {if $isLogin}data-mfasidecar-login data-unexpected="{ts}Something went wrong. Please try again.{/ts}"{/if}>
        {$form nofilter}
      </div>
    {/if}
  </div>
</div>
{/crmScope}
