package io.farrier.image;

/** What an image is made for, in the words of an image index ({@code linux}, {@code amd64}). */
public record Platform(String os, String architecture) {
    public static Platform ofThisNode() {
        String arch = System.getProperty("os.arch", "");
        return new Platform(
                "linux",
                switch (arch) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> arch;
                });
    }

    @Override
    public String toString() {
        return os + "/" + architecture;
    }
}
