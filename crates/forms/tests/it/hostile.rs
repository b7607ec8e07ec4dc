//! Nothing that configuration or input can be makes the rules panic.
