"""Makes the net of a spec, whatever its family."""

from torch import nn

from digitpairs.models import nets
from digitpairs.models.registry import architecture_of, family_of, options_in
from digitpairs.spec import ModelSpec


def net_of(spec: ModelSpec) -> nn.Module:
    """Build a net, initialised from torch's default generator."""
    family = family_of(spec)
    if family.sizes:
        return nets.build(architecture_of(spec))
    net: nn.Module = family.net.build(options_in(spec), spec.task)
    return net
