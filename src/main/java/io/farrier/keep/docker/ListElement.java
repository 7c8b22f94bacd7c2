package io.farrier.keep.docker;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Elements of daemon.json's lists as dockerd compares them, so that a spelling is not a difference. */
final class ListElement {
    /** dockerd adds these by itself; a file that names them adds nothing. */
    private static final Set<String> BUILT_IN = Set.of("127.0.0.0/8", "::1/128");

    private static final Pattern CIDR = Pattern.compile("([0-9a-fA-F.:]+)/([0-9]{1,3})");

    private ListElement() {}

    static String normal(String key, String element) {
        return switch (key) {
            case DaemonJsonWishes.MIRRORS -> element.replaceFirst("/+$", "");
            case DaemonJsonWishes.INSECURE -> network(element.replaceFirst("^(?i:https?)://", ""));
            default -> element;
        };
    }

    static boolean isIn(List<String> elements, String key, String element) {
        String normal = normal(key, element);
        return elements.stream().anyMatch(each -> normal(key, each).equals(normal));
    }

    static boolean isBuiltIn(String normal) {
        return BUILT_IN.contains(normal);
    }

    /** Go's net.ParseCIDR keeps the network only: {@code 10.1.2.3/8} becomes {@code 10.0.0.0/8}. */
    private static String network(String element) {
        var cidr = CIDR.matcher(element);
        if (!cidr.matches()) {
            return element;
        }
        try {
            byte[] address = InetAddress.getByName(cidr.group(1)).getAddress();
            int prefix = Integer.parseInt(cidr.group(2));
            for (int bit = prefix; bit < address.length * 8; bit++) {
                address[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
            }
            String network = InetAddress.getByAddress(address).getHostAddress();
            return (network.equals("0:0:0:0:0:0:0:1") ? "::1" : network) + "/" + prefix;
        } catch (UnknownHostException notAnAddress) {
            return element;
        }
    }
}
