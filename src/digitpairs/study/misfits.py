"""Parts of a recipe, each right alone, that do not go together."""

from collections.abc import Iterator

from digitpairs.models.registry import family_of, options_in
from digitpairs.recipe import SGD, Adam, Affine, Lion, Recipe, Step
from digitpairs.spec import Setting


def misfits(setting: Setting, epochs: int) -> Iterator[str]:
    """Find what does not go together in runs of so many epochs: key, value and what to do."""
    recipe = setting.recipe
    yield from optimizer_misfits(recipe, setting.learning_rate)
    yield from schedule_misfits(recipe, epochs)
    if recipe.augmentation.affine == Affine():
        yield "augmentation.affine: changes nothing; set one of its keys above 0, or leave it out"
    if not family_of(setting.model).siamese:
        yield from naive_misfits(setting)
    elif recipe.loss.digits_only:
        if setting.aux_weight:
            yield (
                f"aux_weight: {setting.aux_weight}: weighs the digits beside the answer, which "
                "loss.digits_only leaves out; set one of the two"
            )
        if recipe.readout == "head" and learns_head(setting):
            yield (
                "readout: 'head': learns nothing where loss.digits_only is true; choose argmax or "
                "posterior"
            )


def learns_head(setting: Setting) -> bool:
    """Whether a siamese net's answer has weights of its own; a ConvStack's may be a sum."""
    family = family_of(setting.model)
    return bool(family.sizes or getattr(options_in(setting.model), "head", True))


def naive_misfits(setting: Setting) -> Iterator[str]:
    """Find what needs digit logits in a net that has none."""
    siamese = "only siamese nets tell digits; leave it out or choose a siamese family"
    if setting.recipe.loss.digits_only:
        yield f"loss.digits_only: True: {siamese}"
    if setting.recipe.readout != "head":
        yield f"readout: {setting.recipe.readout!r}: {siamese}"


def optimizer_misfits(recipe: Recipe, learning_rate: float) -> Iterator[str]:
    """Find momentum that is missing, and decay that turns weights around."""
    match recipe.optimizer:
        case SGD(nesterov=True, momentum=0):
            yield "optimizer.nesterov: True: looks ahead by the momentum; set momentum above 0"
        case (Adam(name="adamw") | Lion() | SGD()) as decaying if (
            decaying.weight_decay * learning_rate > 1
        ):
            yield (
                f"optimizer.weight_decay: {decaying.weight_decay}: takes more than a whole weight "
                f"a step at the learning rate {learning_rate}; choose at most {1 / learning_rate:g}"
            )


def schedule_misfits(recipe: Recipe, epochs: int) -> Iterator[str]:
    """Find a schedule that runs of so many epochs do not live to see."""
    schedule = recipe.schedule
    if schedule.warmup > epochs:
        yield (
            f"schedule.warmup: {schedule.warmup:g}: is longer than a run of {epochs} epochs; "
            "choose fewer"
        )
    if isinstance(schedule, Step) and schedule.warmup + schedule.every >= epochs:
        count = f"{epochs} epochs" if epochs > 1 else "one epoch"
        warm = f" of which {schedule.warmup:g} warm up" if schedule.warmup else ""
        yield (
            f"schedule.every: {schedule.every}: never comes in a run of {count}{warm}; choose "
            "fewer, or another schedule"
        )
