<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\SmsCountry;
use MfaSidecar\Flow\Choice;
use MfaSidecar\Flow\SetUp;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;
use PHPUnit\Framework\TestCase;

final class FormsTest extends TestCase
{
    private const HOSTILE = 'otpauth://totp/"><script>alert(1)</script>?secret=ABCD';

    public function testTheSetUpPageEscapesWhatItShowsAndHoldsNoScriptOrStyle(): void
    {
        $html = $this->setUpPage(null);
        self::assertStringNotContainsString('<script', $html);
        self::assertStringNotContainsString('<svg', $html);
        self::assertStringNotContainsString('style=', $html);
        $document = self::parse($html);
        self::assertSame(self::HOSTILE, self::byTestId($document, 'otpauth-link')->getAttribute('href'));
        self::assertSame('ABCD EFGH IJ', self::byTestId($document, 'secret')->textContent);
        self::assertSame('ABCDEFGHIJ', self::byTestId($document, 'secret')->getAttribute('data-secret'));
        $source = self::byTestId($document, 'qr')->getAttribute('src');
        self::assertSame('<svg/>', base64_decode(substr($source, strlen('data:image/svg+xml;base64,')), true));
        self::assertNotSame('', self::byTestId($document, 'qr')->getAttribute('alt'));
    }

    public function testTheCodeFieldIsLabelledAndHelpsThePhone(): void
    {
        $document = self::parse($this->setUpPage(null));
        $input = self::byTestId($document, 'code');
        self::assertSame('one-time-code', $input->getAttribute('autocomplete'));
        self::assertSame('numeric', $input->getAttribute('inputmode'));
        self::assertFalse($input->hasAttribute('aria-invalid'));
        $label = (new \DOMXPath($document))->query("//label[@for='{$input->getAttribute('id')}']");
        self::assertSame(1, $label->length);
    }

    public function testAHostsClassesGoBesideTheLibrarysAndNotIntoWhatPeopleTyped(): void
    {
        $classes = ['mfa-button' => 'btn btn-primary', 'mfa-code' => 'form-control'];
        $forms = new Forms(Messages::in('en'), classes: $classes);
        $target = new FormTarget('/codes', new Csrf('secret'));
        $html = $forms->recoveryCodes(['" class="mfa-code"'], $target, '/download');
        self::assertStringContainsString('class="mfa-button btn btn-primary"', $html);
        self::assertStringContainsString('class="mfa-button mfa-secondary btn btn-primary"', $html);
        self::assertStringNotContainsString('form-control', $html);
    }

    public function testAnErrorIsAnnouncedAndTiedToTheField(): void
    {
        $document = self::parse($this->setUpPage(new Message('error.code_rejected')));
        $input = self::byTestId($document, 'code');
        $error = self::byTestId($document, 'error');
        self::assertSame('alert', $error->getAttribute('role'));
        self::assertSame('true', $input->getAttribute('aria-invalid'));
        self::assertContains($error->getAttribute('id'), explode(' ', $input->getAttribute('aria-describedby')));
        self::assertTrue($input->hasAttribute('autofocus'));
    }

    public function testEveryRecoveryCodeIsShownAndTheBoxIsNotTickedForThePerson(): void
    {
        $forms = new Forms(Messages::in('de'));
        $target = new FormTarget('/codes', new Csrf('secret'));
        $document = self::parse($forms->recoveryCodes(['aaaa-<b>', 'cccc-dddd'], $target, '/download'));
        $codes = (new \DOMXPath($document))->query('//*[@data-testid="recovery-code"]');
        self::assertSame(['aaaa-<b>', 'cccc-dddd'], array_map(
            static fn (\DOMNode $node): string => $node->textContent,
            iterator_to_array($codes),
        ));
        self::assertFalse(self::byTestId($document, 'saved')->hasAttribute('checked'));
    }

    public function testACodeThatCannotBeSentYetIsNoFaultOfTheCodeField(): void
    {
        $document = self::parse($this->setUpPage(new Message('error.send_throttled', ['seconds' => 20])));
        self::assertFalse(self::byTestId($document, 'code')->hasAttribute('aria-invalid'));
        self::assertSame('alert', self::byTestId($document, 'error')->getAttribute('role'));
    }

    public function testANumberIsAskedForWithTheCountriesInTheReadersLanguage(): void
    {
        $setUp = new SetUp([Method::Sms], Method::Sms, null, null, [
            new SmsCountry('DE', '+49'),
            new SmsCountry('AT', '+43'),
            new SmsCountry('XX', '+999'),
        ]);
        $target = new FormTarget('/setup', new Csrf('secret'), '/cancel');
        $page = static fn (SetUp $setUp): \DOMDocument
            => self::parse((new Forms(Messages::in('de'), 'AT'))->setup($setUp, $target));
        $options = (new \DOMXPath($page($setUp)))->query('//option[@value!=""]');
        $names = array_map(static fn (\DOMNode $node): string => $node->textContent, iterator_to_array($options));
        self::assertCount(3, $names);
        if (class_exists(\Locale::class)) {
            self::assertSame(['Deutschland (+49)', 'Österreich (+43)'], array_slice($names, 0, 2));
        }
        $selected = static fn (SetUp $setUp): string => (new \DOMXPath($page($setUp)))
            ->query('//option[@selected]')->item(0)?->attributes->getNamedItem('value')->nodeValue ?? '';
        self::assertSame('AT', $selected($setUp));
        $typed = new Choice(Method::Sms, null, '"><b>12', 'DE');
        $again = new SetUp($setUp->methods, Method::Sms, null, null, $setUp->countries, $typed);
        self::assertSame('DE', $selected($again));
        self::assertSame('"><b>12', self::byTestId($page($again), 'destination')->getAttribute('value'));
    }

    private function setUpPage(?Message $error): string
    {
        $enrollment = new Enrollment(
            Method::Totp,
            new \DateTimeImmutable(),
            'ABCDEFGHIJ',
            self::HOSTILE,
            '<svg/>',
            null,
            null,
        );
        $target = new FormTarget('/setup', new Csrf('secret'), '/cancel');
        $setUp = new SetUp([Method::Totp], Method::Totp, $enrollment);
        return (new Forms(Messages::in('en')))->setup($setUp, $target, $error);
    }

    private static function parse(string $html): \DOMDocument
    {
        $document = new \DOMDocument();
        libxml_use_internal_errors(true);
        $document->loadHTML('<?xml encoding="utf-8"?>' . $html);
        libxml_clear_errors();
        return $document;
    }

    private static function byTestId(\DOMDocument $document, string $id): \DOMElement
    {
        $found = (new \DOMXPath($document))->query("//*[@data-testid='$id']");
        self::assertSame(1, $found->length, $id);
        return $found->item(0);
    }
}
