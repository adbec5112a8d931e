"""Parts of a recipe, each right alone, that do not go together."""

from collections.abc import Iterator

from digitpairs.models.registry import family_of, options_in
from digitpairs.recipe import SGD, Adam, Affine, Lion, Recipe, Step
from digitpairs.spec import BatchNorm, Setting


def misfits(setting: Setting, epochs: int, batchnorm: BatchNorm = "standard") -> Iterator[str]:
    """Find what does not go together in runs of so many epochs: key, value and what to do.

    `batchnorm` is what the runs' protocol says of it.
    """
    recipe = setting.recipe
    yield from optimizer_misfits(recipe, setting.learning_rate)
    yield from schedule_misfits(recipe, epochs)
    yield from averaging_misfits(recipe, epochs, batchnorm)
    yield from lesson_misfits(setting)
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


def lesson_misfits(setting: Setting) -> Iterator[str]:
    """Find a student without teachers, teachers without a student, and lessons of nothing."""
    distillation, loss = setting.recipe.distillation, setting.recipe.loss
    if setting.teachers and not distillation:
        yield "teachers: are not listened to; add distillation, such as {label: 0.0}"
    if not distillation:
        return
    if not setting.teachers:
        yield "distillation: has nobody to learn from; name variants in teachers"
    for teacher in setting.teachers:
        if teacher.recipe.preprocessing != setting.recipe.preprocessing:
            yield (
                f"preprocessing: {setting.recipe.preprocessing!r}: a teacher sees other images "
                f"({teacher.recipe.preprocessing!r}); let both see the same"
            )
    if not loss.digits_only:
        yield "distillation: is of digits alone; set loss.digits_only to true"
    if loss.label_smoothing and not distillation.label:
        yield (
            f"loss.label_smoothing: {loss.label_smoothing:g}: smooths labels, which "
            "distillation.label: 0 leaves out; set one of the two"
        )


def averaging_misfits(recipe: Recipe, epochs: int, batchnorm: BatchNorm) -> Iterator[str]:
    """Find a mean over more epochs than there are, or of weights that BatchNorm is not to see."""
    averaging = recipe.averaging
    if averaging and averaging.epochs > epochs:
        yield (
            f"averaging.epochs: {averaging.epochs}: is more than a run of {epochs} epochs has; "
            "choose fewer"
        )
    if averaging and batchnorm != "standard":
        yield (
            f"averaging: takes BatchNorm's statistics again, and training.batchnorm is "
            f"{batchnorm}; set that to standard"
        )


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
