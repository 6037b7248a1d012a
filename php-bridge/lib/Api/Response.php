<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** One HTTP answer, not judged yet. */
final class Response
{
    public function __construct(
        public readonly int $status,
        public readonly string $contentType,
        public readonly ?string $etag,
        public readonly string $body,
    ) {
    }

    public function isJson(string $mediaType = 'application/json'): bool
    {
        return strtolower(trim(explode(';', $this->contentType, 2)[0])) === $mediaType;
    }

    /** A body can hold a secret or recovery codes. */
    public function __debugInfo(): array
    {
        return ['status' => $this->status, 'contentType' => $this->contentType];
    }
}
