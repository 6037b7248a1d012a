<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\SidecarUnavailable;

/**
 * A JSON object of the service, read member by member with its type.
 *
 * A member that is missing or of another type means that somebody else answered, or another version:
 * both are an outage, never a value to guess.
 */
final class Payload
{
    /**
     * @param array<mixed> $members
     * @param string $source what was asked, for the log
     */
    private function __construct(
        private readonly array $members,
        private readonly string $source,
    ) {
    }

    /** @throws SidecarUnavailable when this is not a JSON object */
    public static function decode(#[\SensitiveParameter] string $json, string $source): self
    {
        $value = json_decode($json, true, 32);
        if (!is_array($value) || array_is_list($value)) {
            throw new SidecarUnavailable("$source: the answer is not a JSON object");
        }
        return new self($value, $source);
    }

    public function has(string $name): bool
    {
        return isset($this->members[$name]);
    }

    public function string(string $name): string
    {
        return $this->stringOrNull($name) ?? throw $this->wrong($name);
    }

    public function stringOrNull(string $name): ?string
    {
        $value = $this->members[$name] ?? null;
        return $value === null || is_string($value) ? $value : throw $this->wrong($name);
    }

    public function int(string $name): int
    {
        return $this->intOrNull($name) ?? throw $this->wrong($name);
    }

    public function intOrNull(string $name): ?int
    {
        $value = $this->members[$name] ?? null;
        return $value === null || is_int($value) ? $value : throw $this->wrong($name);
    }

    public function bool(string $name): bool
    {
        $value = $this->members[$name] ?? null;
        return is_bool($value) ? $value : throw $this->wrong($name);
    }

    public function time(string $name): \DateTimeImmutable
    {
        return $this->timeOrNull($name) ?? throw $this->wrong($name);
    }

    public function timeOrNull(string $name): ?\DateTimeImmutable
    {
        $value = $this->stringOrNull($name);
        if ($value === null) {
            return null;
        }
        // The constructor alone would also take "tomorrow".
        if (!preg_match('/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\z/', $value)) {
            throw $this->wrong($name);
        }
        try {
            return new \DateTimeImmutable($value);
        } catch (\Exception) {
            throw $this->wrong($name);
        }
    }

    public function object(string $name): self
    {
        return $this->objectOrNull($name) ?? throw $this->wrong($name);
    }

    public function objectOrNull(string $name): ?self
    {
        $value = $this->members[$name] ?? null;
        if ($value === null) {
            return null;
        }
        return is_array($value) && !array_is_list($value) ? new self($value, $this->source) : throw $this->wrong($name);
    }

    /** @return list<self> */
    public function objects(string $name): array
    {
        $objects = [];
        foreach ($this->items($name) as $item) {
            $objects[] = is_array($item) ? new self($item, $this->source) : throw $this->wrong($name);
        }
        return $objects;
    }

    /** @return list<self> empty when the member is absent or null */
    public function objectsOrNone(string $name): array
    {
        return isset($this->members[$name]) ? $this->objects($name) : [];
    }

    /** @return list<string> */
    public function strings(string $name): array
    {
        foreach ($this->items($name) as $item) {
            is_string($item) || throw $this->wrong($name);
        }
        return $this->items($name);
    }

    /** @return list<string> empty when the member is absent or null */
    public function stringsOrNone(string $name): array
    {
        return isset($this->members[$name]) ? $this->strings($name) : [];
    }

    /** @return array<string, string> a JSON object of strings; empty when the member is absent or null */
    public function stringMap(string $name): array
    {
        $map = $this->members[$name] ?? [];
        // An empty object and an empty list look alike once they are decoded.
        if (!is_array($map) || ($map !== [] && array_is_list($map))) {
            throw $this->wrong($name);
        }
        foreach ($map as $value) {
            is_string($value) || throw $this->wrong($name);
        }
        return $map;
    }

    /** @return array<mixed> the members as they came, for the log of what happened */
    public function all(): array
    {
        return $this->members;
    }

    /** The error for a member that is missing, or whose value is none that the contract knows. */
    public function wrong(string $name): SidecarUnavailable
    {
        return new SidecarUnavailable("$this->source: the answer's \"$name\" is missing or not as agreed");
    }

    /** Members can be secrets. */
    public function __debugInfo(): array
    {
        return ['members' => array_keys($this->members)];
    }

    /** @return list<mixed> */
    private function items(string $name): array
    {
        $value = $this->members[$name] ?? null;
        return is_array($value) && array_is_list($value) ? $value : throw $this->wrong($name);
    }
}
