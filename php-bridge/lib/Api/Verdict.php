<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Error\SidecarUnavailable;

/** Tells the success of a call from everything else, and gives everything else its type. */
final class Verdict
{
    private const TYPE = 'urn:mfa-sidecar:problem:';

    /**
     * @return Response the same, when it is the success that the operation promises
     * @throws SidecarUnavailable|Misconfigured|Problem
     */
    public static function of(Operation $operation, Response $response): Response
    {
        if ($response->status === $operation->success()) {
            // A 200 with a page, or with a problem in it, comes from somebody between us and the service.
            return $response->status === 204 || $response->isJson()
                ? $response
                : throw self::unavailable($operation, $response, 'the answer is not application/json');
        }
        throw self::error($operation, $response);
    }

    private static function error(Operation $operation, Response $response): SidecarError
    {
        $problem = $response->isJson('application/problem+json')
            ? Payload::decode($response->body, $operation->value)
            : null;
        $type = $problem?->stringOrNull('type') ?? '';
        if ($problem === null || !str_starts_with($type, self::TYPE) || $response->status < 400) {
            return self::unavailable($operation, $response, 'no problem of the service');
        }

        $code = substr($type, strlen(self::TYPE));
        $cause = self::cause($operation, $response, $problem, $code);
        return match (true) {
            $code === 'unauthenticated', $code === 'forbidden' => new Misconfigured($cause),
            $response->status >= 500 && $code !== ProblemCode::DeliveryFailed->value => new SidecarUnavailable($cause),
            default => new Problem(
                ProblemCode::tryFrom($code) ?? ProblemCode::Unknown,
                $response->status,
                $problem->intOrNull('attempts_remaining'),
                $problem->intOrNull('retry_after'),
                $cause,
                self::fields($problem),
            ),
        };
    }

    /** For the host's log: what was asked, what came, and the id by which the service's log knows the request. */
    private static function cause(Operation $operation, Response $response, Payload $problem, string $code): string
    {
        $cause = "$operation->value: $response->status $code";
        foreach ($problem->objectsOrNone('errors') as $member) {
            $cause .= ', ' . $member->string('field') . ' ' . $member->string('message');
        }
        $requestId = $problem->stringOrNull('request_id');
        $cause .= $requestId === null ? '' : ", request $requestId";
        // One line of plain text, whoever answered.
        return (string) preg_replace('/[^\x20-\x7e]/', '?', $cause);
    }

    /** @return list<string> */
    private static function fields(Payload $problem): array
    {
        $errors = $problem->objectsOrNone('errors');
        return array_map(static fn (Payload $member): string => $member->string('field'), $errors);
    }

    private static function unavailable(Operation $operation, Response $response, string $why): SidecarUnavailable
    {
        return new SidecarUnavailable("$operation->value: status $response->status, $why");
    }
}
