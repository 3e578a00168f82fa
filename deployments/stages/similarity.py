"""How like two pictures of one size are: PSNR, and SSIM of their luminance."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_SIGMA = 1.5  # of the window, as in the paper
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def measure_psnr(one: Image.Image, other: Image.Image) -> float:
    """Peak signal to noise ratio in dB over all channels; 114 at most, where nothing differs."""
    first, second = (np.asarray(image, np.float32) for image in (one, other))
    return float(10 * np.log10(255**2 / max(float(np.mean((first - second) ** 2)), 1e-6)))


def measure_ssim(one: Image.Image, other: Image.Image) -> float:
    """Mean structural similarity (Wang et al., 2004) of the luminance, 1 where nothing differs."""
    first, second = (np.asarray(image, np.float64) @ _LUMINANCE for image in (one, other))
    mean_first, mean_second = ndimage.gaussian_filter(first, _SIGMA), ndimage.gaussian_filter(second, _SIGMA)
    variance_first = ndimage.gaussian_filter(first**2, _SIGMA) - mean_first**2
    variance_second = ndimage.gaussian_filter(second**2, _SIGMA) - mean_second**2
    covariance = ndimage.gaussian_filter(first * second, _SIGMA) - mean_first * mean_second
    alike = (2 * mean_first * mean_second + _C1) * (2 * covariance + _C2)
    scale = (mean_first**2 + mean_second**2 + _C1) * (variance_first + variance_second + _C2)
    return float(np.mean(alike / scale))
