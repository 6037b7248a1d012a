<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Api\Operation;
use PHPUnit\Framework\TestCase;

final class OperationTest extends TestCase
{
    /** @dataProvider operations */
    public function testEveryOperationAndItsSuccessIsInTheServicesDocument(Operation $operation): void
    {
        $file = dirname(__DIR__, 3) . '/openapi/openapi.json';
        self::assertFileExists($file);
        $document = json_decode(file_get_contents($file), true, 512, JSON_THROW_ON_ERROR);
        $statuses = [];
        foreach ($document['paths'] as $path => $methods) {
            if (self::shape($path) === self::shape($operation->path())) {
                $statuses = array_keys($methods[strtolower($operation->verb())]['responses'] ?? []);
            }
        }
        self::assertContains($operation->success(), $statuses, $operation->value);
    }

    public function operations(): iterable
    {
        foreach (Operation::cases() as $operation) {
            yield $operation->value => [$operation];
        }
    }

    /** A path without the names of its parameters. */
    private static function shape(string $path): string
    {
        return preg_replace('/\{\w+\}/', '{}', $path);
    }
}
