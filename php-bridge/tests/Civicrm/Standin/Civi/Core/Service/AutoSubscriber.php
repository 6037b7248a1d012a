<?php

declare(strict_types=1);

namespace Civi\Core\Service;

/** A service that core finds and subscribes by itself. */
abstract class AutoSubscriber
{
    abstract public static function getSubscribedEvents();
}
