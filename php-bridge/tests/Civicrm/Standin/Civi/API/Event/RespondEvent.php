<?php

declare(strict_types=1);

namespace Civi\API\Event;

class RespondEvent extends PrepareEvent
{
    public function __construct(object $apiRequest, private mixed $response)
    {
        parent::__construct($apiRequest);
    }

    public function getResponse()
    {
        return $this->response;
    }
}
