<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Angular\ChangeSet;

/** Ways to our pages from core's pages about users, which are Angular templates. */
final class Links
{
    public static function changes(): ChangeSet
    {
        return ChangeSet::create('mfasidecar')
            ->alterHtml('~/afsearchMyAccount/afsearchMyAccount.aff.html', static function ($document): void {
                $document->append(self::link(
                    Urls::to('civicrm/my-account/mfa'),
                    ts('Multi-Factor Authentication', ['domain' => 'mfasidecar']),
                ));
            })
            ->alterHtml('~/afformEditUserAccount/afformEditUserAccount.aff.html', static function ($document): void {
                // The form knows the user only once it has loaded, and a new one has none.
                $id = "afform.getData('User1')[0].fields.id";
                $document->find('af-form')->append(self::link(
                    Urls::to('civicrm/admin/mfa/user', 'id=') . "{{ $id }}",
                    ts('Multi-Factor Authentication of this user', ['domain' => 'mfasidecar']),
                    " ng-if=\"$id\"",
                ));
            });
    }

    private static function link(string $url, string $text, string $condition = ''): string
    {
        return sprintf(
            '<p%s><a class="btn btn-secondary" data-testid="mfa-link" ng-href="%s">%s</a></p>',
            $condition,
            htmlspecialchars($url),
            htmlspecialchars($text),
        );
    }
}
