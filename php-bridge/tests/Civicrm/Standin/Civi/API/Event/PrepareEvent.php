<?php

declare(strict_types=1);

namespace Civi\API\Event;

class PrepareEvent
{
    public function __construct(private object|array $apiRequest)
    {
    }

    public function getApiRequest()
    {
        return $this->apiRequest;
    }
}
