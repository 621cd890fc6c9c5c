"""Texts that many docstrings share, and the decorator that puts them in."""

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

Documented = TypeVar("Documented", bound=Callable[..., Any])

# A line that is nothing but {name} becomes TEXTS["name"], in texts as in docstrings. A
# text that ends with its type leaves the description to the lines that follow it; more
# may be said after the others too.
TEXTS = {
    "films": """\
X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
    Films.""",
    "crops": """\
X : array-like of shape (n_samples, n_regions * height * width)
    Crops, one block of columns of equal width per region.""",
    "crops_of_films": """\
crops : ndarray of shape (n_samples, n_regions * height * width), uint8
    One block of columns per region, in the order of `regions`.""",
    "latents": """\
X : array-like of shape (n_samples, n_features)
    Latents, one row per film.""",
    "region_latents": """\
X : array-like of shape (n_samples, n_regions * width)
    Latents, laid out as in `fit`.""",
    "ignored_y": """\
y : None
    Ignored.""",
    "ages": """\
y : array-like of shape (n_samples,)
    Bone ages in months, NaN where unknown.""",
    "optional_ages": """\
y : array-like of shape (n_samples,) or None, default=None
    Bone ages in months, NaN where unknown.""",
    "sex": """\
sex : array-like of shape (n_samples,) or None, default=None
    "F" or "M", None or NaN where unknown; True and 1 mean male.""",
    "interval": """\
interval : float, default=48
    Width of the age intervals in months.""",
    "age_range": """\
age_range : (float, float), default=(24, 216)
    First and last edge of the intervals in months.""",
    "intervals": """\
{interval}
{age_range}""",
    "regions": "regions : sequence of str or int, or None, default=None",
    "crop_regions": """\
regions : sequence of str or int, or None, default=None
    Regions that the columns hold, by name or by the paper's number. None: told by
    the column names if X has them, else all 19 if 19 divides the number of columns,
    else one; wide rows that hold neither 19 squares nor a single one are refused.""",
    "region_shape": """\
region_shape : (int, int) or None, default=None
    Height and width of the crops in pixels.""",
    "memory": "memory : str, path, joblib.Memory or None, default=None",
    "n_jobs": "n_jobs : int or None, default=None",
    "random_state": "random_state : int, RandomState instance or None, default=None",
    "verbose": """\
verbose : int, default=0
    Show a progress bar if positive.""",
    # Of displays.
    "ax": """\
ax : matplotlib Axes or None, default=None
    Where to draw. None means a new figure.""",
    "given_labels": """\
labels : array-like of int of shape (n_samples,)
    Cluster of each film, from 0 on; -1 means set aside.""",
    "landmarker": """\
landmarker : object with ``predict(X) -> (n_samples, 19, 3)``, default=None
    What finds the landmarks. None means
    :class:`~sklearn_baccaec.regions.HandLandmarker`.""",
    "clusterer_and_films": """\
estimator : fitted BoneAgeClusterer, or clusterer of latents
    Or a search or a Pipeline that ends with one. Its `interval` and `age_range` define
    the intervals where it has them; otherwise they are 48 months from 24 to 216.
X : films or array-like, of length n_samples
    What the estimator takes; each film is read once.""",
    "drawn": """\
Returns
-------
display : display of this class
    Drawn.""",
    "ax_drawn": """\
{ax}

{drawn}""",
    "drawn_in_axes": """\
Parameters
----------
{ax_drawn}""",
    "axes_drawn": """\
ax_ : matplotlib Axes
    Where it is drawn.
{figure_drawn}""",
    "figure_drawn": """\
figure_ : matplotlib Figure
    The figure of that.""",
    "ax_pair": """\
ax : sequence of two matplotlib Axes, or None, default=None
    Where to draw film and plate. None means a new figure.""",
    "features_in": """\
n_features_in_ : int
    Columns of X.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Column names, if X had names.""",
    "input_features": """\
input_features : array-like of str or None, default=None
    Only compared with the names that X had in `fit`.""",
    "feature_names": """\
Parameters
----------
{input_features}

Returns
-------
names : ndarray of shape (n_columns,), object
    Column names.""",
    "films_ages_sex": """\
{films}
{optional_ages}
{sex}""",
    "films_sex": """\
{films}
{clusters_sex}""",
    # Of the extractor, for its parameters, its methods, and as attributes.
    "cropping": """\
min_confidence : float, default=0.5
    Confidence in [0, 1] that the landmark of a region needs, and the mean over a
    film's landmarks. What is below is set aside, with a warning.
on_error : {"raise", "skip"}, default="raise"
    What to do with a film that cannot be used at all, such as one that is damaged or
    shows no hand: raise an error that names it, or set it aside too, without a
    warning for either.
crop_shape : (int, int), default=(64, 64)
    Height and width of the crops in pixels.
crop_scale : float or None, default=None
    Factor in (0, 4] of every crop's width and height on the film; its pixels stay as
    many. None means 1, or 0.5 where a :class:`BoneAgeClusterer` has
    ``method="agreement"``.""",
    "extracted": """\
crops : ndarray of shape (n_samples, n_regions * height * width), uint8
    One block of columns per region; zero where there is no crop.
valid : ndarray of shape (n_samples, n_regions), bool
    Which crops there are.
confidence : ndarray of shape (n_samples, n_regions)
    The landmarker's confidence in [0, 1]; 0 where a crop could not be made.
reasons : ndarray of shape (n_samples,), object
    Why a film was set aside or which region it lacks; a note on a film that is used,
    such as that it is nearly grey; or None. `valid` tells which are used.
handedness : ndarray of shape (n_samples,), str
    "L" or "R" as on the film, where a mirrored left hand is a right one; "" where it
    is not known.
landmarks : ndarray of shape (n_samples, 19, 3)
    x, y in pixels, and confidence.""",
    "placed": """\
region_latents : ndarray of shape (n_samples, n_encoded)
    What the encoder returns, in blocks of equal width for each region.
latents : ndarray of shape (n_samples, n_components)
    What the clusterer sees; NaN for a film that was set aside.
{labels}
maturity : ndarray of shape (n_samples,) or None
    NaN for a film that was set aside; None without an axis.
reliability : ndarray of shape (n_samples, 3)
    Distance from the maturity curve, where more than 1 is unlike the films that it has
    learned from; maturity by the bones of the wrist alone, and by the fingers. NaN
    without a curve.
digests : ndarray of shape (n_samples,), bytes
    By which films are known again.
seen : ndarray of shape (n_samples,), bool
    Which films were in `fit`, or named the clusters, told by their crops.""",
    "extracted_": """\
valid_ : ndarray of shape (n_samples, n_regions), bool
    Which crops of the films in `fit` there are.
confidence_ : ndarray of shape (n_samples, n_regions)
    The landmarker's confidence in [0, 1]; 0 where a crop could not be made.
reasons_ : ndarray of shape (n_samples,), object
    Why a film was set aside or which region it lacks; a note on a film that is used,
    such as that it is nearly grey; or None. `valid_` tells which are used.
handedness_ : ndarray of shape (n_samples,), str
    "L" or "R" as on the film, where a mirrored left hand is a right one; "" where it
    is not known.""",
    # Of what names clusters, and what holds it.
    "clusters_sex": """\
sex : array-like of shape (n_samples,) or None, default=None
    "F" or "M", None or NaN where unknown; True and 1 mean male. Films of unknown sex
    get what is known of both sexes.""",
    "suggestions": """\
n : int
    Number of films to choose, at least 1.
y : array-like of shape (n_samples,) or None, default=None
    Ages in months that are known already, NaN where unknown. These films are not
    chosen. None means that the names there are, if any, tell how certain each cluster
    is; which films gave them is then not known, and they may be chosen again.

Returns
-------
positions : ndarray of shape (n,), int
    Different positions in X, in the order in which to label. The first of them are
    those that a smaller `n` gives.

Raises
------
ValueError
    If `n` is below 1 or above the number of films that can be chosen: those that have
    a cluster and no known age.""",
    "labels": """\
labels : ndarray of shape (n_samples,), int
    Clusters; -1 for a film that was set aside.""",
    "cluster_tables": """\
cluster_table_ : DataFrame of shape (n_clusters, ...)
    Films by cluster and interval, the paper's Table 1; only with known ages. See
    :func:`~sklearn_baccaec.metrics.cluster_table`.
cluster_table_by_sex_ : DataFrame of shape (2 * n_clusters, ...)
    The same for each sex; only with known ages and sexes.""",
    # Methods on films, of the whole method and of what searches for it.
    "fit_predict_of_films": """\
Parameters
----------
{films_ages_sex}

Returns
-------
{labels}""",
    "fit_transform_of_films": """\
Parameters
----------
{films_ages_sex}

Returns
-------
latents : ndarray of shape (n_samples, n_components)
    As `transform` returns them.""",
    "transform_of_films": """\
Parameters
----------
{films}

Returns
-------
latents : ndarray of shape (n_samples, n_components)
    Joined latents of the regions; NaN for a film that was set aside.""",
    "predict_maturity_of_films": """\
Parameters
----------
{films}

Returns
-------
maturity : ndarray of shape (n_samples,)
    Place t on the axis that the regions agree on: from -0.2 to 1.2, about 0.5 in
    the middle of the films in `fit`, with a standard deviation of 1/6. Equal steps
    are not equal numbers of months. NaN for a film that was set aside.""",
    "sex_to_bounds": """\
{clusters_sex}

Returns
-------
bounds : ndarray of shape (n_samples, 2)
    Lower and upper edge in months: of the interval that holds the age where there is
    a maturity axis and an age, (0, 24) and (216, inf) beyond `age_range`; else of the
    interval that names the cluster. NaN for a film that was set aside or, with a
    warning, whose cluster has no name.""",
    "sex_to_months": """\
{clusters_sex}
return_range : bool, default=False
    Whether to tell the range of the age, too.

Returns
-------
ages : ndarray of shape (n_samples,)
    Months; NaN for a film that was set aside or, with a warning, whose age no known
    age tells.
ranges : ndarray of shape (n_samples, 2)
    Lower and upper end in months: about 80% of the ages of such films lie between.
    Only with ``return_range=True``.""",
    "region_ages_of_films": """\
Parameters
----------
{films_sex}

Returns
-------
ages : ndarray of shape (n_samples, n_regions)
    Months at which the maturity axis has the region's own place, in the order of
    the regions; NaN where the region is absent or the film was set aside.

Raises
------
ValueError
    If the model places no region by itself (a :class:`MaturityCurve` does), or no
    known age and no drawn hand tells months.""",
    "assign_of_films": """\
Parameters
----------
{films_sex}

Returns
-------
assignments : DataFrame of shape (n_samples, 8 or 9)
    Columns ``film`` (its file name), ``cluster``, ``interval`` (such as
    "24-72" or "over 216"), ``age``, ``age_low`` and ``age_high`` (age and range
    of `predict_age`, in months), all missing where they are not known,
    ``confidence`` (the lowest of the regions') and ``reason`` (why the film was set
    aside, which region it lacks, or why its age has to be taken with care, or None);
    with a maturity axis also ``maturity``. ``assignments.attrs["age_source"]`` says
    where ages come from.""",
    "ages_to_accuracy": """\
{ages}
    Films of unknown age, or outside `age_range`, are left out.
{clusters_sex}
sample_weight : array-like of shape (n_samples,) or None, default=None
    Weights of the films; None means that all count the same.

Returns
-------
accuracy : float
    In [0, 1]. A film that was set aside, or whose cluster has no name, counts as
    wrong.""",
    # Of what is fitted to one block of columns per region.
    "fit_crops": """\
Parameters
----------
{crops}
{ignored_y}

Returns
-------
self : object
    Fitted.""",
    "fit_blocks": """\
Parameters
----------
X : array-like of shape (n_samples, n_regions * width)
    One block of columns of equal width per region; NaN where a film lacks one.
{ignored_y}

Returns
-------
self : object
    Fitted.""",
    "crop_shape": """\
{region_shape}
    None means square if the number of columns is a square, else one row of pixels.""",
    "autoencoder_layers": """\
{crop_shape}
channels : sequence of sequences of int, default=((4, 4, 8), (8, 8, 4), (2, 2, 2))
    Channels of the encoder's layers, by stage. The last layer of a stage halves
    the image, the others are 3 x 3. The decoder mirrors the stages.
kernel_sizes : sequence of int, default=(30, 15, 3)
    Kernel size in pixels of each stage's last layer and of its mirror; cut to the
    image where it is longer.
activation : {"leaky_relu", "relu", "elu", "tanh"}, default="leaky_relu"
    Activation between layers. "relu" is the authors' own and rectifies latents
    and output as well; whole latents then die easily.
convolution : {"auto", "direct", "fourier"}, default="auto"
    How the layers are computed: "direct" is torch's own convolution, "fourier" uses
    the frequency domain, and "auto" whatever is fastest: on a CPU the frequency
    domain for large kernels and banded matrices for small ones, on a GPU torch's
    own. The results differ by rounding only.""",
    "autoencoder_training": """\
max_steps : int, default=1000
    Training budget in steps of one batch each, whatever the number of films. The
    paper trains for 1000 epochs, about 60,000 steps for its 960 films; on real
    films 18,000 steps did not give better clusters than 1000.
batch_size : int, default=16
    Films per step; all of them if there are fewer.
lr : float, default=3e-4
    Learning rate of Adam.
device : str, default="cpu"
    Where torch computes, "cuda" for instance.
random_state : int, RandomState instance or None, default=None
    Seed of the initial weights, of the batches and of any noise of the network.
    None draws one from numpy's global random state; torch's is neither used nor
    changed.
{verbose}""",
    "autoencoder_attributes": """\
weights_ : dict of str to ndarray
    Trained weights, plain numpy, float32.
loss_curve_ : ndarray of shape (n_iter_,)
    Training loss of every step.
n_iter_ : int
    Steps trained.
n_components_ : int
    Length of the latent vector.
dead_latents_ : ndarray of shape (n_components_,), bool
    Latents that are constant over (up to 256 of) the films in `fit`.
region_shape_ : (int, int)
    Height and width of the crops in pixels.
scale_ : float
    Grey value that is mapped to 1.
{features_in}""",
}

_PLACEHOLDER = re.compile(r"^([ \t]*)\{(\w+)\}$", re.MULTILINE)


def fill_docstrings(documented: Documented) -> Documented:
    """Put the shared texts into the docstring of a function, or of a class.

    A class has those of its own methods filled in as well; what it inherits is left
    to the class that defines it.

    Raises
    ------
    KeyError
        If a docstring names a text that does not exist.

    Examples
    --------
    >>> @fill_docstrings
    ... def cut(regions):
    ...     '''{regions}
    ...         What to cut.
    ...     '''
    >>> print(inspect.getdoc(cut))
    regions : sequence of str or int, or None, default=None
        What to cut.
    """
    members = vars(documented).values() if inspect.isclass(documented) else ()
    for found in (documented, *members):
        target = getattr(found, "__func__", found)  # of a class or static method
        owned = target is documented or inspect.isfunction(target)
        if owned and target.__doc__:  # none under python -OO
            target.__doc__ = _PLACEHOLDER.sub(_indented_text, target.__doc__)
    return documented


def _indented_text(placeholder: re.Match[str]) -> str:
    indent, name = placeholder.groups()
    text = _PLACEHOLDER.sub(_indented_text, TEXTS[name])
    return indent + text.replace("\n", "\n" + indent)
