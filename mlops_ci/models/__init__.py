"""What a model leaves behind: metrics, predictions, numbers computed from them. Never the model itself."""
